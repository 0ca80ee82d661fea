// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/entities.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/message/html.h"

namespace cordon {
namespace {

constexpr std::size_t kLongestName = 31;
constexpr std::size_t kLongestWithoutSemicolon = 6;

// What browsers make of &#128; to &#159;: windows-1252.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

bool is_alnum(char c) {
    return is_alpha(c) || is_digit(c);
}

std::uint32_t digit_value(char c, std::uint32_t base) {
    if (is_digit(c)) return static_cast<std::uint32_t>(c - '0');
    const char l = ascii_lower(c);
    return base == 16 && l >= 'a' && l <= 'f' ? static_cast<std::uint32_t>(l - 'a' + 10) : base;
}

std::uint32_t mapped(std::uint32_t value) {
    if (value >= 0x80 && value < 0xA0) return kWindows1252[value - 0x80];
    return value == 0 ? 0xFFFD : value;  // surrogates and the rest: append_utf8
}

std::size_t read_numeric(std::string_view text, std::string& out) {
    constexpr std::uint32_t kTooLarge = 0x110000;
    std::size_t at = 2;
    std::uint32_t base = 10;
    if (at < text.size() && ascii_lower(text[at]) == 'x') {
        base = 16;
        ++at;
    }
    const auto start = at;
    std::uint32_t value = 0;
    for (; at < text.size(); ++at) {
        const auto digit = digit_value(text[at], base);
        if (digit >= base) break;
        value = std::min(value * base + digit, kTooLarge);
    }
    if (at == start) return 0;
    append_utf8(out, mapped(value));
    return at < text.size() && text[at] == ';' ? at + 1 : at;
}

void append(std::string& out, const NamedReference& reference) {
    append_utf8(out, reference.first);
    if (reference.second != 0) append_utf8(out, reference.second);
}

std::size_t read_named(std::string_view text, ReferencePlace place, std::string& out) {
    std::size_t end = 1;
    while (end < text.size() && end <= kLongestName + 1 && is_alnum(text[end])) ++end;
    if (end < text.size() && text[end] == ';') {
        const auto reference = find_named_reference(text.substr(1, end - 1));
        if (reference.first != 0) {
            append(out, reference);
            return end + 1;
        }
    }
    for (auto size = std::min(end - 1, kLongestWithoutSemicolon); size >= 2; --size) {
        const auto reference = find_named_reference(text.substr(1, size));
        if (reference.first == 0 || reference.needs_semicolon) continue;
        const char next = 1 + size < text.size() ? text[1 + size] : ' ';
        // "?a=1&copy=2" in an attribute is no copyright sign.
        if (place == ReferencePlace::attribute && (next == '=' || is_alnum(next))) return 0;
        append(out, reference);
        return 1 + size;
    }
    return 0;
}

std::string decoded(std::string_view text, ReferencePlace place) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto plain = text.substr(0, text.find('&'));
        out += plain;
        text.remove_prefix(plain.size());
        if (text.empty()) break;
        const auto used = read_reference(text, place, out);
        if (used == 0) out += '&';
        text.remove_prefix(std::max<std::size_t>(used, 1));
    }
    return out;
}

}  // namespace

std::size_t read_reference(std::string_view text, ReferencePlace place, std::string& out) {
    if (text.starts_with("&nbsp;")) {  // by far the most frequent
        out += "\u00A0";
        return 6;
    }
    if (text.size() < 2) return 0;
    if (text[1] == '#') return read_numeric(text, out);
    return is_alpha(text[1]) ? read_named(text, place, out) : 0;
}

std::string decode_attribute(std::string_view value) {
    return decoded(value, ReferencePlace::attribute);
}

std::string decode_entities(std::string_view text) {
    return decoded(text, ReferencePlace::text);
}

}  // namespace cordon
