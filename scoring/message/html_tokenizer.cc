// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/html_tokenizer.h"

#include <algorithm>

#include "conf/base/text.h"

namespace cordon {
namespace {

constexpr bool is_html_space(char c) {
    return is_space(c) || c == '\f';
}

enum : std::uint8_t { kEndsTagName = 1, kEndsAttributeName = 2, kEndsUnquoted = 4, kSkipped = 8 };

constexpr std::array<std::uint8_t, 256> make_classes() {
    std::array<std::uint8_t, 256> classes{};
    for (const char c : {' ', '\t', '\r', '\n', '\f'}) {
        classes[static_cast<unsigned char>(c)] =
            kEndsTagName | kEndsAttributeName | kEndsUnquoted | kSkipped;
    }
    classes['>'] = kEndsTagName | kEndsAttributeName | kEndsUnquoted;
    classes['/'] = kEndsTagName | kEndsAttributeName | kSkipped;
    classes['='] = kEndsAttributeName;
    return classes;
}

constexpr auto kClasses = make_classes();

bool is_of(char c, std::uint8_t set) {
    return (kClasses[static_cast<unsigned char>(c)] & set) != 0;
}

std::size_t find_end(std::string_view text, std::size_t at, std::uint8_t set) {
    while (at < text.size() && !is_of(text[at], set)) ++at;
    return at;
}

std::size_t skip(std::string_view text, std::size_t at, std::uint8_t set) {
    while (at < text.size() && is_of(text[at], set)) ++at;
    return at;
}

}  // namespace

bool HtmlTokenizer::next(HtmlToken& token) {
    while (at_ < text_.size()) {
        if (text_[at_] == '<' && markup(token)) return true;
        if (at_ >= text_.size()) return false;
        if (text_[at_] == '<' && at_ + 1 < text_.size() && text_[at_ + 1] == '/' &&
            at_ + 2 < text_.size() && text_[at_ + 2] == '>') {
            at_ += 3;  // </> is nothing
            continue;
        }
        // A "<" that opens nothing is text.
        const auto end = std::min(text_.find('<', at_ + 1), text_.size());
        token.kind = HtmlToken::Kind::text;
        token.text = text_.substr(at_, end - at_);
        at_ = end;
        return true;
    }
    return false;
}

/// A tag or a comment at "<". False with the position unchanged for text, at the end for a tag
/// that is never finished.
bool HtmlTokenizer::markup(HtmlToken& token) {
    const auto follows = [this](std::size_t offset) {
        return at_ + offset < text_.size() ? text_[at_ + offset] : '\0';
    };
    if (is_alpha(follows(1))) return tag(token, at_ + 1, HtmlToken::Kind::start_tag);
    if (follows(1) == '/') {
        if (is_alpha(follows(2))) return tag(token, at_ + 2, HtmlToken::Kind::end_tag);
        if (follows(2) == '>' || at_ + 2 >= text_.size()) return false;
        bogus_comment(token, at_ + 2);
        return true;
    }
    if (follows(1) == '!' && follows(2) == '-' && follows(3) == '-') {
        comment(token, at_ + 4);
        return true;
    }
    if (is_foreign_ && text_.substr(at_).starts_with("<![CDATA[")) {
        const auto start = at_ + 9;
        const auto end = std::min(text_.find("]]>", start), text_.size());
        token.kind = HtmlToken::Kind::text;
        token.text = text_.substr(start, end - start);
        at_ = std::min(end + 3, text_.size());
        return true;
    }
    if (follows(1) != '!' && follows(1) != '?') return false;
    bogus_comment(token, at_ + 2);
    return true;
}

bool HtmlTokenizer::tag(HtmlToken& token, std::size_t start, HtmlToken::Kind kind) {
    token.kind = kind;
    token.attributes = 0;
    token.self_closing = false;
    at_ = find_end(text_, start, kEndsTagName);
    token.name = text_.substr(start, at_ - start);
    token.tag = tag_named(token.name);
    while (at_ < text_.size()) {
        const auto start_of_gap = at_;
        at_ = skip(text_, at_, kSkipped);
        if (at_ >= text_.size()) return false;
        if (text_[at_] == '>') {
            token.self_closing = at_ > start_of_gap && text_[at_ - 1] == '/';
            ++at_;
            return true;
        }
        attribute(token);
    }
    return false;
}

void HtmlTokenizer::attribute(HtmlToken& token) {
    const auto start = at_;
    at_ = find_end(text_, at_ + 1, kEndsAttributeName);  // a leading "=" is part of the name
    const auto name = text_.substr(start, at_ - start);
    const auto value = attribute_value();
    const auto attribute = attribute_named(name);
    if (attribute == Attribute::unknown || token.has(attribute)) return;
    token.attributes |= 1U << static_cast<unsigned>(attribute);
    token.values[static_cast<std::size_t>(attribute)] = value;
}

std::string_view HtmlTokenizer::attribute_value() {
    auto at = at_;
    while (at < text_.size() && is_html_space(text_[at])) ++at;
    if (at >= text_.size() || text_[at] != '=') return {};
    ++at;
    while (at < text_.size() && is_html_space(text_[at])) ++at;
    at_ = at;
    if (at >= text_.size()) return {};
    if (text_[at] == '"' || text_[at] == '\'') {
        const auto end = std::min(text_.find(text_[at], at + 1), text_.size());
        at_ = std::min(end + 1, text_.size());
        return text_.substr(at + 1, end - at - 1);
    }
    at_ = find_end(text_, at, kEndsUnquoted);
    return text_.substr(at, at_ - at);
}

void HtmlTokenizer::comment(HtmlToken& token, std::size_t start) {
    token.kind = HtmlToken::Kind::comment;
    token.text = {};
    const auto body = text_.substr(start);
    if (body.starts_with('>') || body.starts_with("->")) {
        at_ = start + (body.starts_with('>') ? 1 : 2);
        return;
    }
    // "-->" or "--!>"; "<!--->" and the like have gone before.
    for (auto at = start; (at = text_.find("--", at)) != std::string_view::npos; ++at) {
        const auto after = text_.substr(at + 2);
        const std::size_t size = after.starts_with('>') ? 3 : after.starts_with("!>") ? 4 : 0;
        if (size == 0) continue;
        token.text = text_.substr(start, at - start);
        at_ = at + size;
        return;
    }
    token.text = body;
    at_ = text_.size();
}

void HtmlTokenizer::bogus_comment(HtmlToken& token, std::size_t start) {
    const auto end = std::min(text_.find('>', start), text_.size());
    token.kind = HtmlToken::Kind::comment;
    token.text = text_.substr(start, end - start);
    at_ = std::min(end + 1, text_.size());
}

/// Where "</name" followed by white space, "/" or ">" begins; the end of the text without one.
std::size_t HtmlTokenizer::close_tag(std::size_t start, std::string_view name) const {
    for (auto at = start; (at = text_.find("</", at)) != std::string_view::npos; at += 2) {
        const auto after = at + 2 + name.size();
        if (after < text_.size() && is_of(text_[after], kEndsTagName) &&
            iequals(text_.substr(at + 2, name.size()), name)) {
            return at;
        }
    }
    return text_.size();
}

/// As close_tag, but "<!-- <script> </script> -->" inside a script does not end it.
std::size_t HtmlTokenizer::script_end(std::size_t start) const {
    constexpr std::string_view kName = "script";
    bool is_escaped = false;
    bool is_double_escaped = false;
    for (auto at = start; at < text_.size(); ++at) {
        at = text_.find_first_of("<-", at);
        if (at == std::string_view::npos) break;
        const auto here = text_.substr(at);
        if (here.front() == '-') {
            if (here.starts_with("-->")) is_escaped = is_double_escaped = false;
        } else if (here.starts_with("<!--")) {
            is_escaped = true;
            at += 1;  // "<!-->" ends at once
        } else if (here.size() > 8 && here[1] == '/' && iequals(here.substr(2, 6), kName) &&
                   is_of(here[8], kEndsTagName)) {
            if (!is_double_escaped) return at;
            is_double_escaped = false;
        } else if (is_escaped && here.size() > 7 && iequals(here.substr(1, 6), kName) &&
                   is_of(here[7], kEndsTagName)) {
            is_double_escaped = true;
        }
    }
    return text_.size();
}

std::string_view HtmlTokenizer::raw_text(std::string_view name) {
    const auto start = at_;
    at_ = iequals(name, "script") ? script_end(at_) : close_tag(at_, name);
    return text_.substr(start, at_ - start);
}

std::string_view HtmlTokenizer::rest() {
    const auto start = at_;
    at_ = text_.size();
    return text_.substr(start);
}

}  // namespace cordon
