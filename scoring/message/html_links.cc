// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/html_links.h"

#include <algorithm>

#include "conf/base/text.h"

namespace cordon {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f";

LinkSource href_source(const HtmlToken& tag) {
    switch (tag.tag) {
        case Tag::a:
        case Tag::area: return LinkSource::anchor;
        case Tag::base: return LinkSource::base;
        case Tag::image: return LinkSource::image;
        case Tag::link:
            return icontains(tag.raw(Attribute::rel), "stylesheet") ? LinkSource::style
                                                                    : LinkSource::other;
        // Outlook draws and follows <v:roundrect href=...>.
        case Tag::unknown:
            return istarts_with(tag.name, "v:") ? LinkSource::anchor : LinkSource::other;
        default: return LinkSource::other;
    }
}

LinkSource src_source(const HtmlToken& tag) {
    switch (tag.tag) {
        case Tag::img:
        case Tag::image:
        case Tag::input: return LinkSource::image;
        case Tag::iframe:
        case Tag::frame: return LinkSource::frame;
        case Tag::unknown:
            return istarts_with(tag.name, "v:") ? LinkSource::image : LinkSource::other;
        default: return LinkSource::other;
    }
}

void skip(std::string_view& text, std::string_view set) {
    text.remove_prefix(std::min(text.find_first_not_of(set), text.size()));
}

}  // namespace

bool has_links(const HtmlToken& tag) {
    constexpr auto bit = [](Attribute attribute) { return 1U << static_cast<unsigned>(attribute); };
    constexpr auto kCarriers =
        bit(Attribute::href) | bit(Attribute::xlink_href) | bit(Attribute::src) |
        bit(Attribute::background) | bit(Attribute::poster) | bit(Attribute::formaction) |
        bit(Attribute::action) | bit(Attribute::data) | bit(Attribute::srcset);
    return (tag.attributes & kCarriers) != 0 ||
           tag.raw(Attribute::style).find('(') != std::string_view::npos;
}

void links_of(const HtmlToken& tag, std::vector<TagLink>& out) {
    const auto add = [&](Attribute attribute, LinkSource source, bool is_css = false) {
        if (tag.has(attribute)) out.push_back({tag.raw(attribute), source, is_css});
    };
    add(Attribute::href, href_source(tag));
    if (tag.tag == Tag::a && !tag.has(Attribute::href)) {
        add(Attribute::xlink_href, LinkSource::anchor);  // in SVG
    } else {
        add(Attribute::xlink_href, LinkSource::image);
    }
    add(Attribute::src, src_source(tag));
    add(Attribute::background, LinkSource::image);
    add(Attribute::poster, LinkSource::image);
    add(Attribute::formaction, LinkSource::form);
    if (tag.tag == Tag::form) add(Attribute::action, LinkSource::form);
    if (tag.tag == Tag::object) add(Attribute::data, LinkSource::other);
    for (const auto url : srcset_urls(tag.raw(Attribute::srcset))) {
        out.push_back({url, LinkSource::image, false});
    }
    if (tag.raw(Attribute::style).find('(') != std::string_view::npos) {
        add(Attribute::style, LinkSource::style, true);
    }
}

std::string_view refresh_target(std::string_view content) {
    skip(content, kBlanks);
    skip(content, "0123456789.");
    skip(content, kBlanks);
    skip(content, ";,");
    skip(content, kBlanks);
    if (istarts_with(content, "url")) {
        auto target = content.substr(3);
        skip(target, kBlanks);
        if (target.starts_with('=')) {
            content = target.substr(1);
            skip(content, kBlanks);
        }
    }
    if (!content.starts_with('"') && !content.starts_with('\'')) return content;
    return content.substr(1, content.substr(1).find(content[0]));
}

std::vector<std::string_view> srcset_urls(std::string_view written) {
    std::vector<std::string_view> out;
    while (true) {
        skip(written, " \t\r\n\f,");
        if (written.empty()) return out;
        auto url = written.substr(0, written.find_first_of(kBlanks));
        written.remove_prefix(url.size());
        const bool has_descriptor = !url.ends_with(',');
        while (url.ends_with(',')) url.remove_suffix(1);
        out.push_back(url);
        if (has_descriptor) written.remove_prefix(std::min(written.find(','), written.size()));
    }
}

}  // namespace cordon
