// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/style_text.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/message/style.h"
#include "scoring/message/url_bytes.h"

namespace cordon {
namespace {

constexpr ByteSet kMarks(";\"'()\n");
constexpr ByteSet kSpecials("\\/");

constexpr std::size_t kMostWords = 16;
constexpr double kMostNumber = 1e9;

struct Unit {
    std::string_view name;
    double pixels;
};

constexpr std::array kUnits = std::to_array<Unit>({
    {"", 1},
    {"px", 1},
    {"pt", 4.0 / 3},
    {"em", 16},
    {"rem", 16},
    {"%", 8},
    {"vw", 8},
    {"vh", 8},
    {"in", 96},
    {"cm", 37.8},
    {"mm", 3.78},
    {"pc", 16},
    {"ex", 8},
    {"ch", 8},
});

bool is_css_space(char c) {
    return is_space(c) || c == '\f';
}

/// Reads "\64 " or "\n" behind a backslash; the bytes it takes.
std::size_t read_escape(std::string_view text, std::string& out) {
    std::uint32_t value = 0;
    std::size_t size = 0;
    while (size < 6 && size < text.size()) {
        const char c = ascii_lower(text[size]);
        const bool is_hex = is_digit(c) || (c >= 'a' && c <= 'f');
        if (!is_hex) break;
        value = value * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : c - 'a' + 10);
        ++size;
    }
    if (size == 0) {
        if (!text.empty()) out += text[0];
        return std::min<std::size_t>(1, text.size());
    }
    append_utf8(out, value == 0 ? 0xFFFD : value);
    return size < text.size() && is_css_space(text[size]) ? size + 1 : size;
}

}  // namespace

std::optional<CssNumber> css_number(std::string_view text) {
    text = trim(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    CssNumber number;
    const bool is_negative = text.starts_with('-');
    std::size_t at = is_negative ? 1 : 0;
    const auto start = at;
    for (; at < text.size() && is_digit(text[at]); ++at) {
        number.value = std::min(number.value * 10 + (text[at] - '0'), kMostNumber);
    }
    std::size_t digits = at - start;
    if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
        double place = 0.1;
        for (++at; at < text.size() && is_digit(text[at]); ++at, ++digits, place /= 10) {
            number.value += place * (text[at] - '0');
        }
    }
    if (digits == 0) return std::nullopt;
    if (is_negative) number.value = -number.value;
    number.unit = text.substr(at);
    return number;
}

std::int32_t css_length(std::string_view text) {
    constexpr double kMost = 1e9;
    const auto number = css_number(text);
    if (!number) return Style::kNoLength;
    for (const Unit& unit : kUnits) {
        if (!iequals(unit.name, number->unit)) continue;
        return static_cast<std::int32_t>(
            std::clamp(number->value * unit.pixels * 100, -kMost, kMost));
    }
    return Style::kNoLength;
}

bool css_is_font_keyword(std::string_view text) {
    for (const std::string_view word : {"xx-small", "x-small", "small", "medium", "large",
                                        "x-large", "xx-large", "initial", "unset", "revert"}) {
        if (iequals(text, word)) return true;
    }
    return false;
}

std::vector<std::string_view> css_words(std::string_view text) {
    std::vector<std::string_view> out;
    std::size_t at = 0;
    while (at < text.size() && out.size() < kMostWords) {
        while (at < text.size() && is_css_space(text[at])) ++at;
        const auto start = at;
        std::size_t depth = 0;
        while (at < text.size() && (depth > 0 || !is_css_space(text[at]))) {
            if (text[at] == '(') ++depth;
            if (text[at] == ')' && depth > 0) --depth;
            ++at;
        }
        if (at > start) out.push_back(text.substr(start, at - start));
    }
    return out;
}

std::vector<std::string_view> css_arguments(std::string_view text, std::string_view name) {
    std::vector<std::string_view> out;
    const auto start = lower(text).find(name);
    if (start == std::string::npos) return out;
    auto inner = text.substr(start + name.size());
    inner = inner.substr(0, inner.find(')'));
    while (!inner.empty() && out.size() < kMostWords) {
        const auto end = std::min(inner.find_first_of(", /\t\r\n"), inner.size());
        if (end > 0) out.push_back(inner.substr(0, end));
        inner.remove_prefix(std::min(end + 1, inner.size()));
    }
    return out;
}

std::size_t css_declaration_end(std::string_view text) {
    char quote = '\0';
    std::size_t depth = 0;
    for (auto at = kMarks.find_in(text); at < text.size(); at = kMarks.find_in(text, at + 1)) {
        const char c = text[at];
        if (quote != '\0') {
            if (c == quote || c == '\n') quote = '\0';
        } else if (c == ';' && depth == 0) {
            return at;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '(') {
            ++depth;
        } else if (c == ')' && depth > 0) {
            --depth;
        }
    }
    return text.size();
}

std::string_view css_plain(std::string_view text, std::string& buffer) {
    if (text.find('\\') == std::string_view::npos && text.find("/*") == std::string_view::npos) {
        return text;
    }
    buffer.clear();
    while (!text.empty()) {
        if (text.front() == '\\') {
            text.remove_prefix(1);
            text.remove_prefix(read_escape(text, buffer));
        } else if (text.starts_with("/*")) {
            const auto end = text.find("*/", 2);
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
        } else {
            const auto plain = text.substr(0, kSpecials.find_in(text, 1));
            buffer += plain;
            text.remove_prefix(plain.size());
        }
    }
    return buffer;
}

}  // namespace cordon
