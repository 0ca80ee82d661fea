// SPDX-License-Identifier: GPL-2.0-only
// What single elements and their attributes mean, apart from their place in the document.
#pragma once

#include "scoring/message/html_tokenizer.h"
#include "scoring/message/style.h"

namespace cordon {

/// Whether the content is no markup: script, style, title, textarea ...
bool has_raw_text(Tag tag);
/// Whether a style sheet behind the element still comes before all text.
bool belongs_into_head(const HtmlToken& tag);
/// An image of at most 3 x 3 pixels, by its attributes or its style.
bool is_tiny(const HtmlToken& tag, const Style& style);
/// Adds what old attributes say: bgcolor, <font color>, <body text>, background, hidden.
void add_attributes(const HtmlToken& tag, Style& style);

}  // namespace cordon
