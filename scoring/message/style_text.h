// SPDX-License-Identifier: GPL-2.0-only
// The words of CSS values: numbers with units, lengths, arguments of functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cordon {

struct CssNumber {
    double value = 0;
    std::string_view unit;
};

/// "12px", "-.5em", "+3%"; without exponents, which no mail uses.
std::optional<CssNumber> css_number(std::string_view text);
/// Hundredths of a pixel; Style::kNoLength for what is no length. A percentage counts as a part of
/// a window of 800 pixels.
std::int32_t css_length(std::string_view text);
bool css_is_font_keyword(std::string_view text);

/// Words between blanks, brackets kept together; at most 16.
std::vector<std::string_view> css_words(std::string_view text);
/// What stands between "name(" and ")", cut at commas, slashes and blanks; empty without.
std::vector<std::string_view> css_arguments(std::string_view text, std::string_view name);

/// Where the declaration at the start of `text` ends: at a semicolon outside quotes and brackets.
std::size_t css_declaration_end(std::string_view text);
/// Without comments and with escapes undone; uses `buffer` only when there are any.
std::string_view css_plain(std::string_view text, std::string& buffer);

}  // namespace cordon
