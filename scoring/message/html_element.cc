// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/html_element.h"

#include <string>
#include <string_view>

#include "scoring/message/entities.h"
#include "scoring/message/style_text.h"

namespace cordon {
namespace {

void set_colour(Style& style, Property property, std::string_view written) {
    const auto colour = parse_legacy_colour(decode_attribute(written));
    if (colour != Style::kNoLength) style.set(property, colour);
}

}  // namespace

bool has_raw_text(Tag tag) {
    switch (tag) {
        case Tag::script:
        case Tag::style:
        case Tag::title:
        case Tag::textarea:
        case Tag::xmp:
        case Tag::iframe:
        case Tag::noembed:
        case Tag::noframes: return true;
        default: return false;
    }
}

bool belongs_into_head(const HtmlToken& tag) {
    if (tag.has(Attribute::class_) || tag.has(Attribute::id)) return false;
    switch (tag.tag) {
        case Tag::html:
        case Tag::head:
        case Tag::meta:
        case Tag::title:
        case Tag::link:
        case Tag::base:
        case Tag::style:
        case Tag::script:
        case Tag::body: return true;
        default: return tag.tag == Tag::unknown && tag.name.find(':') != std::string_view::npos;
    }
}

void add_attributes(const HtmlToken& tag, Style& style) {
    const bool hides =
        tag.has(Attribute::hidden) || tag.tag == Tag::template_ || tag.tag == Tag::datalist;
    if (hides) style.set(Property::display, Style::kHides);
    if (tag.has(Attribute::bgcolor)) {
        set_colour(style, Property::background, tag.raw(Attribute::bgcolor));
    }
    if (tag.tag == Tag::font && tag.has(Attribute::color)) {
        set_colour(style, Property::colour, tag.raw(Attribute::color));
    }
    if (tag.tag == Tag::body && tag.has(Attribute::text)) {
        set_colour(style, Property::colour, tag.raw(Attribute::text));
    }
    if (!tag.raw(Attribute::background).empty()) style.set(Property::picture, Style::kHides);
}

bool is_tiny(const HtmlToken& tag, const Style& style) {
    constexpr std::int32_t kTiny = 300;
    const auto side = [&](Attribute attribute, Property property) {
        const auto written = tag.raw(attribute);
        const bool is_share = written.find('%') != std::string_view::npos;
        const auto length = is_share ? Style::kNoLength : css_length(written);
        const auto shown = style.get(property, length);
        return shown == Style::kNoLength ? kTiny + 1 : shown;
    };
    return side(Attribute::width, Property::width) <= kTiny &&
           side(Attribute::height, Property::height) <= kTiny;
}

}  // namespace cordon
