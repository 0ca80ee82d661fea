// SPDX-License-Identifier: GPL-2.0-only
// The texts that a person sees in the body, in UTF-8, and the links in them.
#include <algorithm>

#include "conf/base/text.h"
#include "scoring/message/charset.h"
#include "scoring/message/file_links.h"
#include "scoring/message/message_parser.h"
#include "scoring/message/parser_error.h"

namespace cordon {

namespace {

/// The charset that an HTML page names for itself, looked for where browsers look.
std::string_view charset_of_html(std::string_view html) {
    html = html.substr(0, 1024);
    constexpr std::string_view kName = "charset=";
    for (std::size_t i = 0; i + kName.size() < html.size(); ++i) {
        if (ascii_lower(html[i]) != 'c' || !istarts_with(html.substr(i), kName)) continue;
        html.remove_prefix(i + kName.size());
        while (!html.empty() && (html[0] == '"' || html[0] == '\'' || is_space(html[0]))) {
            html.remove_prefix(1);
        }
        return html.substr(0, html.find_first_of("\"' \t\r\n/>;"));
    }
    return {};
}

bool is_hidden_text_type(std::string_view type) {
    return type == "text/rfc822-headers" || type == "text/css" || type == "text/javascript" ||
           type == "text/x-vcard" || type == "text/vcard" || type == "text/directory";
}

}  // namespace

void MessageParser::collect_texts() {
    const auto count = static_cast<int>(message_.parts_.size());
    for (const bool is_usual : {true, false}) {
        for (int i = 0; i < count; ++i) {
            const bool is_reading_0 = message_.parts_[static_cast<std::size_t>(i)].reading == 0;
            if (is_reading_0 != is_usual || !is_shown(i)) continue;
            in_part(static_cast<std::size_t>(i), "its text", [&] { add_text(i); });
        }
    }
    for (int i = 0; i < count; ++i) {
        const Part& part = message_.parts_[static_cast<std::size_t>(i)];
        if (part.is_multipart() || part.reading != 0 || is_shown(i)) continue;
        const std::size_t left = limits_.urls - std::min(limits_.urls, message_.links_.size());
        for (Url& url : in_part(static_cast<std::size_t>(i), "links of a file",
                                [&] { return links_in_file(part, left); })) {
            Link link;
            link.url = std::move(url);
            link.source = LinkSource::file;
            link.part = i;
            message_.links_.push_back(std::move(link));
        }
    }
}

bool MessageParser::is_shown(int index) const {
    const auto at = static_cast<std::size_t>(index);
    const Part& part = message_.parts_[at];
    if (!part.type.starts_with("text/") || is_hidden_text_type(part.type)) return false;
    if (at < notes_.size() && notes_[at].is_minor_variant) return false;
    // A message that is nothing but an attachment is opened by whoever reads it.
    if (part.has_attachment_disposition && part.parent >= 0) return false;
    for (int outer = part.parent; outer >= 0;) {
        const Part& around = message_.parts_[static_cast<std::size_t>(outer)];
        // The mail that a report returns is not what the report says.
        const bool is_returned =
            around.type == "message/rfc822" && around.parent >= 0 &&
            message_.parts_[static_cast<std::size_t>(around.parent)].type == "multipart/report";
        if (is_returned || around.has_attachment_disposition) return false;
        outer = around.parent;
    }
    return true;
}

void MessageParser::add_text(int index) {
    const Part& part = message_.parts_[static_cast<std::size_t>(index)];
    const std::string_view bytes = part.bytes();
    if (bytes.empty()) return;
    if (bytes.size() > text_left_) {
        note("LIMIT_TEXT", std::to_string(limits_.text_bytes), index);
        if (text_left_ == 0) return;
    }
    BodyText text;
    text.part = index;
    text.is_html = part.type == "text/html" || part.type == "text/xhtml";
    std::string_view charset = part.charset;
    if (charset.empty() && text.is_html) charset = charset_of_html(bytes);
    Utf8Text utf8 = to_utf8(bytes, charset, text_left_);
    if (part.reading == 0 && utf8.is_unknown_charset) {
        note("MIME_CHARSET_UNKNOWN", charset, index);
    }
    if (part.reading == 0 && utf8.is_wrong_charset) {
        note("MIME_CHARSET_WRONG", charset, index);
    }
    text_left_ -= std::min(text_left_, utf8.text.size());
    if (text.is_html) {
        text.html = parse_html(utf8.text, limits_);
        text.text = text.html.text;
        if (text.html.over_limit) note("LIMIT_HTML", "", index);
    } else {
        text.text = std::move(utf8.text);
    }
    add_links(text);
    message_.texts_.push_back(std::move(text));
}

void MessageParser::add_links(const BodyText& text) {
    std::size_t left = limits_.urls - std::min(limits_.urls, message_.links_.size());
    const auto add = [&](Link link) {
        if (left == 0) {
            note("LIMIT_URLS", std::to_string(limits_.urls), text.part);
            return false;
        }
        --left;
        link.part = text.part;
        message_.links_.push_back(std::move(link));
        return true;
    };
    for (const Link& link : text.html.links) {
        if (!add(link)) return;
    }
    if (text.is_html) return;
    for (Url& url : find_urls(text.text, left + 1)) {
        Link link;
        link.url = std::move(url);
        if (!add(std::move(link))) return;
    }
}

}  // namespace cordon
