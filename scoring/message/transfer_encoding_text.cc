// SPDX-License-Identifier: GPL-2.0-only
// The encodings from outside MIME: uuencode (POSIX), yEnc 1.3, BinHex 4.0 (RFC 1741).
#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/message/transfer_encoding.h"

namespace cordon {

namespace {

std::string_view next_line(std::string_view text, std::size_t& at) {
    const std::size_t newline = text.find('\n', at);
    std::string_view line =
        text.substr(at, newline == std::string_view::npos ? std::string_view::npos : newline - at);
    at = newline == std::string_view::npos ? text.size() : newline + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
}

bool is_uu_character(char c) {
    return c >= ' ' && c <= '`';
}
unsigned uu_value(char c) {
    return (static_cast<unsigned char>(c) - 32U) & 63U;
}

constexpr std::string_view kBegin = "begin ";
constexpr std::size_t kMostModeDigits = 7;  // "100644", as git and some tars write it

bool is_begin_line(std::string_view line) {
    line = line.substr(0, 4 + kBegin.size());
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    return line.size() >= kBegin.size() && iequals(line.substr(0, kBegin.size()), kBegin);
}

/// "begin MODE NAME"; the name, which may be empty, or nothing when the line is no such line.
std::optional<std::string_view> uu_begin_name(std::string_view line) {
    if (!is_begin_line(line)) return std::nullopt;
    // Trimmed, a line of nothing else is shorter than the word with its blank.
    line = trim(line);
    line = trim(line.substr(std::min(line.size(), kBegin.size())));
    std::size_t digits = 0;
    while (digits < line.size() && line[digits] >= '0' && line[digits] <= '7') ++digits;
    if (digits < 3 || digits > kMostModeDigits) return std::nullopt;
    if (digits < line.size() && !is_blank(line[digits])) return std::nullopt;
    return trim(line.substr(digits));
}

/// The next line that begins with "begin ".
std::size_t find_begin(std::string_view text, std::size_t from) {
    while (from < text.size()) {
        const bool is_line_start = from == 0 || text[from - 1] == '\n';
        if (is_line_start && is_begin_line(text.substr(from))) return from;
        const std::size_t newline = text.find('\n', from);
        if (newline == std::string_view::npos) break;
        from = newline + 1;
    }
    return std::string_view::npos;
}

/// Whether the length that a line's first character states fits the line.
bool is_uu_line(std::string_view line) {
    if (line.size() < 2 || !is_uu_character(line[0])) return false;
    const std::size_t needed = (uu_value(line[0]) + 2) / 3 * 4;
    if (uu_value(line[0]) == 0) return false;
    // Trailing blanks get lost on the way, a checksum character may be added.
    if (line.size() - 1 + 3 < needed || line.size() - 1 > needed + 2) return false;
    return std::all_of(line.begin(), line.end(), is_uu_character);
}

void decode_uu_line(std::string_view line, std::string& out) {
    std::size_t left = uu_value(line[0]);
    line.remove_prefix(1);
    const auto value = [&line](std::size_t i) { return i < line.size() ? uu_value(line[i]) : 0U; };
    for (std::size_t i = 0; left > 0 && i < line.size(); i += 4) {
        const unsigned group =
            value(i) << 18U | value(i + 1) << 12U | value(i + 2) << 6U | value(i + 3);
        for (unsigned shift = 16; left > 0; shift -= 8) {
            out += static_cast<char>(group >> shift & 0xFFU);
            --left;
            if (shift == 0) break;
        }
    }
}

/// Run lengths of BinHex: 0x90 COUNT repeats the byte before.
std::string expand_runs(std::string_view packed, std::size_t limit) {
    std::string out;
    for (std::size_t i = 0; i < packed.size() && out.size() < limit; ++i) {
        if (static_cast<unsigned char>(packed[i]) != 0x90 || i + 1 >= packed.size()) {
            out += packed[i];
            continue;
        }
        const auto count = static_cast<unsigned char>(packed[++i]);
        if (count == 0) {
            out += '\x90';
        } else if (!out.empty()) {
            const char repeated = out.back();
            out.append(count - 1U, repeated);
        }
    }
    return out;
}

/// Data fork of an unpacked BinHex file: name length, name, version, type, creator, flags, lengths.
std::string data_fork(const std::string& file) {
    if (file.empty()) return {};
    const std::size_t name = static_cast<unsigned char>(file[0]);
    const std::size_t lengths = 1 + name + 1 + 4 + 4 + 2;
    const std::size_t data = lengths + 4 + 4 + 2;
    if (file.size() < data) return file;
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        length = length << 8U | static_cast<unsigned char>(file[lengths + i]);
    }
    return file.substr(data, length);
}

}  // namespace

std::optional<UuBlock> find_uu_block(std::string_view text, std::size_t from) {
    while (from < text.size()) {
        const std::size_t found = find_begin(text, from);
        if (found == std::string_view::npos) return std::nullopt;
        from = found + kBegin.size();
        std::size_t at = found;
        const auto name = uu_begin_name(next_line(text, at));
        if (!name) continue;
        const std::size_t data = at;
        std::size_t good = 0;
        std::size_t data_end = at;
        while (at < text.size()) {
            const std::string_view line = next_line(text, at);
            if (line == "end" || line == "====") break;
            // One line that is none may be damage, or the empty line before "end".
            if (is_uu_line(line))
                ++good;
            else if (line.size() > 1)
                break;
            data_end = at;
        }
        if (good > 0) return UuBlock{*name, text.substr(data, data_end - data), at};
    }
    return std::nullopt;
}

Decoded decode_uuencode(std::string_view text) {
    Decoded out;
    out.bytes.reserve(std::max<std::size_t>(text.size() / 4 * 3, 32));
    std::size_t at = 0;
    if (const auto block = find_uu_block(text, 0)) {
        at = static_cast<std::size_t>(block->data.data() - text.data());
    }
    while (at < text.size()) {
        const std::string_view line = next_line(text, at);
        if (line == "end") break;
        if (is_uu_line(line))
            decode_uu_line(line, out.bytes);
        else if (line.size() > 1)
            out.junk += line.size();
    }
    out.has_inner_end = !trim(text.substr(at)).empty();
    return out;
}

Decoded decode_yenc(std::string_view text) {
    Decoded out;
    out.bytes.reserve(std::max<std::size_t>(text.size(), 32));
    std::size_t at = 0;
    while (at < text.size()) {
        const std::string_view line = next_line(text, at);
        if (line.starts_with("=ybegin") || line.starts_with("=ypart")) continue;
        if (line.starts_with("=yend")) break;
        for (std::size_t i = 0; i < line.size(); ++i) {
            unsigned byte = static_cast<unsigned char>(line[i]);
            if (line[i] == '=' && i + 1 < line.size()) {
                byte = static_cast<unsigned char>(line[++i]) - 64U;
            }
            out.bytes += static_cast<char>((byte - 42U) & 0xFFU);
        }
    }
    return out;
}

Decoded decode_binhex(std::string_view text, std::size_t limit) {
    constexpr std::string_view kAlphabet =
        "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
    static_assert(kAlphabet.size() == 64);
    Decoded out;
    // The data stand between colons after the line that says so.
    const std::size_t notice = text.find("BinHex 4.0");
    const std::size_t begin = text.find(':', notice == std::string_view::npos ? 0 : notice);
    if (begin == std::string_view::npos) return out;
    const std::string_view data = text.substr(begin + 1, text.find(':', begin + 1) - begin - 1);
    std::string packed;
    packed.reserve(data.size() / 4 * 3 + 3);
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const char c : data) {
        const std::size_t value = kAlphabet.find(c);
        if (value == std::string_view::npos) {
            if (!is_space(c)) ++out.junk;
            continue;
        }
        group = (group << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            packed += static_cast<char>(group >> bits & 0xFFU);
        }
    }
    out.bytes = data_fork(expand_runs(packed, limit));
    return out;
}

bool looks_like_uuencode(std::string_view text) {
    std::size_t at = 0;
    std::size_t good = 0;
    for (int lines = 0; lines < 20 && at < text.size(); ++lines) {
        const std::string_view line = next_line(text, at);
        if (line.size() <= 1 || uu_begin_name(line)) continue;
        if (!is_uu_line(line)) return line == "end" && good > 0;
        if (line.size() >= 20) ++good;
    }
    return good >= 2;
}

}  // namespace cordon
