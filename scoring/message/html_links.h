// SPDX-License-Identifier: GPL-2.0-only
// The links that one start tag carries, whatever its element.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/message/html_tokenizer.h"
#include "scoring/message/url.h"

namespace cordon {

struct TagLink {
    std::string_view written;  // as in the document, references not decoded
    LinkSource source = LinkSource::other;
    bool is_css = false;  // written is CSS to search for url(...)
};

/// Whether a tag has any attribute that could be a link.
bool has_links(const HtmlToken& tag);
/// Appends the links of a start tag; the first is the one that a click follows.
void links_of(const HtmlToken& tag, std::vector<TagLink>& out);

/// What <meta http-equiv=refresh content="0; url=..."> goes to; empty when it only reloads.
std::string_view refresh_target(std::string_view content);

/// The URLs of srcset="one.png 1x, two.png 2x".
std::vector<std::string_view> srcset_urls(std::string_view written);

}  // namespace cordon
