// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace cordon {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), ascii_lower);
    return out;
}

bool iequals(std::string_view a, std::string_view b) {
    return a.size() == b.size() && istarts_with(a, b);
}

bool istarts_with(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(),
                      [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
}

bool icontains(std::string_view text, std::string_view needle) {
    const auto is_same = [](char a, char b) { return ascii_lower(a) == ascii_lower(b); };
    return needle.empty() || std::search(text.begin(), text.end(), needle.begin(), needle.end(),
                                         is_same) != text.end();
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> fields;
    for (;;) {
        const auto end = text.find(separator);
        fields.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return fields;
        text.remove_prefix(end + 1);
    }
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    const auto is_separator = [](char c) { return is_space(c) || c == ','; };
    for (std::size_t i = 0; i < text.size();) {
        if (is_separator(text[i])) {
            ++i;
            continue;
        }
        const auto begin = i;
        while (i < text.size() && !is_separator(text[i])) ++i;
        out.emplace_back(text.substr(begin, i - begin));
    }
    return out;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
    return value;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    }
    return out;
}

namespace {

std::string encode_base64(std::string_view bytes, std::string_view alphabet, bool pad) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8U | (j < n ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j <= n; ++j) out += alphabet[group >> (18U - 6U * j) & 63U];
        if (pad) out.append(3 - n, '=');
    }
    return out;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
    return encode_base64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                         true);
}

std::string to_base64url(std::string_view bytes) {
    return encode_base64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
                         false);
}

void append_utf8(std::string& out, std::uint32_t c) {
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = 0xFFFD;
    std::array<char, 4> bytes{};
    std::size_t size = 0;
    const auto put = [&](std::uint32_t byte) { bytes[size++] = static_cast<char>(byte); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | c >> 6U);
        put(0x80 | (c & 63U));
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12U);
        put(0x80 | (c >> 6U & 63U));
        put(0x80 | (c & 63U));
    } else {
        put(0xF0 | c >> 18U);
        put(0x80 | (c >> 12U & 63U));
        put(0x80 | (c >> 6U & 63U));
        put(0x80 | (c & 63U));
    }
    out.append(bytes.data(), size);
}

namespace {

struct Utf8Step {
    std::size_t size = 1;  // bytes to pass over
    bool is_valid = false;
    std::uint32_t code_point = 0;
};

struct ByteRange {
    std::uint32_t low = 0x80;
    std::uint32_t high = 0xBF;
};

/// What may follow a lead byte: narrower where longer spellings, surrogates and values over
/// U+10FFFF would begin (Unicode 15, table 3-7).
ByteRange second_byte_range(std::uint32_t lead) {
    switch (lead) {
        case 0xE0: return {0xA0, 0xBF};
        case 0xED: return {0x80, 0x9F};
        case 0xF0: return {0x90, 0xBF};
        case 0xF4: return {0x80, 0x8F};
        default: return {};
    }
}

std::size_t sequence_size(std::uint32_t lead) {
    if (lead >= 0xF0) return 4;
    return lead >= 0xE0 ? 3 : 2;
}

/// The sequence at the front of a text that is not empty.
Utf8Step utf8_step(std::string_view text) {
    const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80) return {1, true, lead};
    if (lead < 0xC2 || lead > 0xF4) return {};
    const std::size_t size = sequence_size(lead);
    std::uint32_t code = lead & (0x7FU >> size);
    ByteRange range = second_byte_range(lead);
    for (std::size_t i = 1; i < size; ++i) {
        if (i >= text.size() || byte(i) < range.low || byte(i) > range.high) return {i, false, 0};
        code = code << 6U | (byte(i) & 63U);
        range = {};
    }
    return {size, true, code};
}

bool is_deceptive(std::uint32_t c) {
    const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    const bool is_bidi = (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
                         (c >= 0x2066 && c <= 0x2069) || c == 0x061C;
    return is_control || is_bidi || c == 0x2028 || c == 0x2029 || c == 0xFEFF;
}

void append_printable(std::string& out, std::string_view sequence, const Utf8Step& step) {
    if (!step.is_valid) {
        for (const char c : sequence)
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else if (is_deceptive(step.code_point)) {
        out += step.code_point < 0x100 ? fmt::format("\\x{:02x}", step.code_point)
                                       : fmt::format("\\u{{{:04x}}}", step.code_point);
    } else {
        out += sequence;
    }
}

std::string printable_line(std::string_view bytes, std::size_t limit, std::string_view backslash) {
    std::string out;
    while (!bytes.empty()) {
        const auto step = utf8_step(bytes);
        const auto before = out.size();
        if (bytes[0] == '\\')
            out += backslash;
        else
            append_printable(out, bytes.substr(0, step.size), step);
        if (out.size() > limit) {
            out.resize(before);
            return out + "...";
        }
        bytes.remove_prefix(step.size);
    }
    return out;
}

}  // namespace

std::string to_valid_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    std::size_t kept = 0;  // up to here it is in `out`
    for (std::size_t at = 0; at < bytes.size();) {
        const auto step = utf8_step(bytes.substr(at));
        if (!step.is_valid) {
            out.append(bytes, kept, at - kept).append("\xEF\xBF\xBD");
            kept = at + step.size;
        }
        at += step.size;
    }
    return out.append(bytes, kept);
}

std::string_view utf8_prefix(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    const auto is_continuation = [&text](std::size_t i) {
        return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
    };
    while (limit > 0 && is_continuation(limit)) --limit;
    return text.substr(0, limit);
}

std::size_t comment_length(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '(')
            ++depth;
        else if (text[i] == ')' && --depth == 0)
            return i + 1;
    }
    return 0;
}

std::string mdoc_text(std::string_view text) {
    std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    for (const char c : text) {
        out += c;
        if (c == '\\') out += 'e';
    }
    return out;
}

std::string printable(std::string_view bytes, std::size_t limit) {
    return printable_line(bytes, limit, "\\\\");
}

std::string printable_again(std::string_view bytes, std::size_t limit) {
    return printable_line(bytes, limit, "\\");
}

std::string printable_lines(std::string_view bytes) {
    std::string out;
    while (!bytes.empty()) {
        const auto step = utf8_step(bytes);
        const auto sequence = bytes.substr(0, step.size);
        if (sequence == "\n")
            out += sequence;
        else
            append_printable(out, sequence, step);
        bytes.remove_prefix(step.size);
    }
    return out;
}

}  // namespace cordon
