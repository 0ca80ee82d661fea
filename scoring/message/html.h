// SPDX-License-Identifier: GPL-2.0-only
// What a person would see of an HTML part, and what it hides. One pass, linear time, own tokenizer
// (the libraries at hand are 6 to 30 times slower, or quadratic on nested tags). Input is UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/message/limits.h"
#include "scoring/message/url.h"

namespace cordon {

struct Html {
    std::string text;  // visible text, blanks folded, blocks as line breaks
    std::string
        hidden_text;  // text that style or attributes hide (display, size, colour, position)
    // Bytes at the start of hidden_text that are a newsletter's preheader: short, and above all
    // visible text. 0 when there is none or what stands there is too long for one.
    std::size_t hidden_preheader = 0;
    std::uint16_t hiding = 0;  // why text is hidden: Hiding of style.h
    std::string title;
    std::string alt_text;  // of images, a line each
    std::vector<Link> links;
    std::size_t images = 0;
    std::size_t remote_images = 0;
    std::size_t tiny_images = 0;  // at most 3 x 3 pixels
    std::size_t tags = 0;
    std::size_t comments_bytes = 0;
    bool has_form = false;
    bool has_password_field = false;
    bool has_script = false;
    bool has_event_handler = false;
    bool has_meta_refresh = false;
    bool has_base = false;
    bool has_iframe = false;
    bool has_object = false;  // object, embed, applet
    bool over_limit = false;
};

Html parse_html(std::string_view utf8, const Limits& limits);

/// Character references (&amp; &#x41; &eacute; ...) decoded.
std::string decode_entities(std::string_view text);

}  // namespace cordon
