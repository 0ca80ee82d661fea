// SPDX-License-Identifier: GPL-2.0-only
// Small string work that the standard library lacks. ASCII only: protocol text has no locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cordon {

constexpr char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) {
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}
constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}
constexpr bool is_space(char c) {
    return is_blank(c) || c == '\r' || c == '\n';
}

std::string lower(std::string_view text);
bool iequals(std::string_view a, std::string_view b);
bool istarts_with(std::string_view text, std::string_view prefix);
bool icontains(std::string_view text, std::string_view needle);
std::string_view trim(std::string_view text);

/// The fields between separators; an empty text has one empty field.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Words between white space or commas, empty ones left out: the list syntax of the configuration.
std::vector<std::string> words(std::string_view text);

/// Decimal digits only, no sign and no blanks; nothing when it does not fit.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);
std::string to_base64url(std::string_view bytes);

/// Appends a code point as UTF-8; what is no scalar value becomes U+FFFD.
void append_utf8(std::string& out, std::uint32_t code_point);
/// Valid UTF-8: each ill-formed sequence replaced by U+FFFD (Unicode 15, section 3.9).
std::string to_valid_utf8(std::string_view bytes);
/// At most `limit` bytes of valid UTF-8, cut between characters.
std::string_view utf8_prefix(std::string_view text, std::size_t limit);

/// One printable line: control characters, line separators and bidirectional controls as \xNN or
/// \u{NNNN}, a backslash doubled, invalid UTF-8 as \xNN; at most `limit` bytes, then "...".
/// For logs, headers and terminals.
std::string printable(std::string_view bytes, std::size_t limit = 1000);

/// The same with backslashes as they are: for text of mail that passes several programs, each of
/// which makes sure of it; what was printable before stays the same.
std::string printable_again(std::string_view bytes, std::size_t limit = 1000);

/// Text of several lines for people: like printable_again(), but line feeds stay.
std::string printable_lines(std::string_view bytes);

/// Length of the comment (RFC 5322 section 3.2.2) that begins at '(', nested ones included; 0 when
/// it never ends.
std::size_t comment_length(std::string_view text);

/// A line of text in a manual: no roff escape, and no request at its start.
std::string mdoc_text(std::string_view text);

}  // namespace cordon
