// SPDX-License-Identifier: GPL-2.0-only
// Colours: CSS Color 4 (names, #rgb, rgb(), hsl()) and the legacy rules of HTML attributes
// (HTML standard, section 2.3.6).
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "conf/base/text.h"
#include "scoring/message/style.h"

namespace cordon {
namespace {

struct NamedColour {
    std::string_view name;
    std::int32_t value;
};

// clang-format off
constexpr std::array kColours = std::to_array<NamedColour>({
    {"aliceblue", 0xF0F8FF}, {"antiquewhite", 0xFAEBD7}, {"aqua", 0x00FFFF},
    {"aquamarine", 0x7FFFD4}, {"azure", 0xF0FFFF}, {"beige", 0xF5F5DC}, {"bisque", 0xFFE4C4},
    {"black", 0x000000}, {"blanchedalmond", 0xFFEBCD}, {"blue", 0x0000FF},
    {"blueviolet", 0x8A2BE2}, {"brown", 0xA52A2A}, {"burlywood", 0xDEB887},
    {"cadetblue", 0x5F9EA0}, {"chartreuse", 0x7FFF00}, {"chocolate", 0xD2691E},
    {"coral", 0xFF7F50}, {"cornflowerblue", 0x6495ED}, {"cornsilk", 0xFFF8DC},
    {"crimson", 0xDC143C}, {"cyan", 0x00FFFF}, {"darkblue", 0x00008B}, {"darkcyan", 0x008B8B},
    {"darkgoldenrod", 0xB8860B}, {"darkgray", 0xA9A9A9}, {"darkgreen", 0x006400},
    {"darkgrey", 0xA9A9A9}, {"darkkhaki", 0xBDB76B}, {"darkmagenta", 0x8B008B},
    {"darkolivegreen", 0x556B2F}, {"darkorange", 0xFF8C00}, {"darkorchid", 0x9932CC},
    {"darkred", 0x8B0000}, {"darksalmon", 0xE9967A}, {"darkseagreen", 0x8FBC8F},
    {"darkslateblue", 0x483D8B}, {"darkslategray", 0x2F4F4F}, {"darkslategrey", 0x2F4F4F},
    {"darkturquoise", 0x00CED1}, {"darkviolet", 0x9400D3}, {"deeppink", 0xFF1493},
    {"deepskyblue", 0x00BFFF}, {"dimgray", 0x696969}, {"dimgrey", 0x696969},
    {"dodgerblue", 0x1E90FF}, {"firebrick", 0xB22222}, {"floralwhite", 0xFFFAF0},
    {"forestgreen", 0x228B22}, {"fuchsia", 0xFF00FF}, {"gainsboro", 0xDCDCDC},
    {"ghostwhite", 0xF8F8FF}, {"gold", 0xFFD700}, {"goldenrod", 0xDAA520}, {"gray", 0x808080},
    {"green", 0x008000}, {"greenyellow", 0xADFF2F}, {"grey", 0x808080}, {"honeydew", 0xF0FFF0},
    {"hotpink", 0xFF69B4}, {"indianred", 0xCD5C5C}, {"indigo", 0x4B0082}, {"ivory", 0xFFFFF0},
    {"khaki", 0xF0E68C}, {"lavender", 0xE6E6FA}, {"lavenderblush", 0xFFF0F5},
    {"lawngreen", 0x7CFC00}, {"lemonchiffon", 0xFFFACD}, {"lightblue", 0xADD8E6},
    {"lightcoral", 0xF08080}, {"lightcyan", 0xE0FFFF}, {"lightgoldenrodyellow", 0xFAFAD2},
    {"lightgray", 0xD3D3D3}, {"lightgreen", 0x90EE90}, {"lightgrey", 0xD3D3D3},
    {"lightpink", 0xFFB6C1}, {"lightsalmon", 0xFFA07A}, {"lightseagreen", 0x20B2AA},
    {"lightskyblue", 0x87CEFA}, {"lightslategray", 0x778899}, {"lightslategrey", 0x778899},
    {"lightsteelblue", 0xB0C4DE}, {"lightyellow", 0xFFFFE0}, {"lime", 0x00FF00},
    {"limegreen", 0x32CD32}, {"linen", 0xFAF0E6}, {"magenta", 0xFF00FF}, {"maroon", 0x800000},
    {"mediumaquamarine", 0x66CDAA}, {"mediumblue", 0x0000CD}, {"mediumorchid", 0xBA55D3},
    {"mediumpurple", 0x9370DB}, {"mediumseagreen", 0x3CB371}, {"mediumslateblue", 0x7B68EE},
    {"mediumspringgreen", 0x00FA9A}, {"mediumturquoise", 0x48D1CC}, {"mediumvioletred", 0xC71585},
    {"midnightblue", 0x191970}, {"mintcream", 0xF5FFFA}, {"mistyrose", 0xFFE4E1},
    {"moccasin", 0xFFE4B5}, {"navajowhite", 0xFFDEAD}, {"navy", 0x000080}, {"oldlace", 0xFDF5E6},
    {"olive", 0x808000}, {"olivedrab", 0x6B8E23}, {"orange", 0xFFA500}, {"orangered", 0xFF4500},
    {"orchid", 0xDA70D6}, {"palegoldenrod", 0xEEE8AA}, {"palegreen", 0x98FB98},
    {"paleturquoise", 0xAFEEEE}, {"palevioletred", 0xDB7093}, {"papayawhip", 0xFFEFD5},
    {"peachpuff", 0xFFDAB9}, {"peru", 0xCD853F}, {"pink", 0xFFC0CB}, {"plum", 0xDDA0DD},
    {"powderblue", 0xB0E0E6}, {"purple", 0x800080}, {"rebeccapurple", 0x663399},
    {"red", 0xFF0000}, {"rosybrown", 0xBC8F8F}, {"royalblue", 0x4169E1},
    {"saddlebrown", 0x8B4513}, {"salmon", 0xFA8072}, {"sandybrown", 0xF4A460},
    {"seagreen", 0x2E8B57}, {"seashell", 0xFFF5EE}, {"sienna", 0xA0522D}, {"silver", 0xC0C0C0},
    {"skyblue", 0x87CEEB}, {"slateblue", 0x6A5ACD}, {"slategray", 0x708090},
    {"slategrey", 0x708090}, {"snow", 0xFFFAFA}, {"springgreen", 0x00FF7F},
    {"steelblue", 0x4682B4}, {"tan", 0xD2B48C}, {"teal", 0x008080}, {"thistle", 0xD8BFD8},
    {"tomato", 0xFF6347}, {"turquoise", 0x40E0D0}, {"violet", 0xEE82EE}, {"wheat", 0xF5DEB3},
    {"white", 0xFFFFFF}, {"whitesmoke", 0xF5F5F5}, {"window", 0xFFFFFF}, {"windowtext", 0x000000},
    {"yellow", 0xFFFF00}, {"yellowgreen", 0x9ACD32},
});
// clang-format on

std::int32_t named_colour(std::string_view name) {
    const auto* const found = std::lower_bound(
        kColours.begin(), kColours.end(), name,
        [](const NamedColour& colour, std::string_view wanted) { return colour.name < wanted; });
    return found != kColours.end() && found->name == name ? found->value : Style::kNoLength;
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char l = ascii_lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// 3, 4, 6 or 8 digits, the fourth part being the opacity.
std::int32_t hex_colour(std::string_view digits) {
    if (!std::all_of(digits.begin(), digits.end(), [](char c) { return hex_value(c) >= 0; })) {
        return Style::kNoLength;
    }
    const bool is_short = digits.size() == 3 || digits.size() == 4;
    if (!is_short && digits.size() != 6 && digits.size() != 8) return Style::kNoLength;
    std::array<int, 4> parts = {0, 0, 0, 255};
    const std::size_t width = is_short ? 1 : 2;
    for (std::size_t i = 0; i < digits.size() / width; ++i) {
        const int high = hex_value(digits[i * width]);
        parts[i] = high * 16 + (is_short ? high : hex_value(digits[i * width + 1]));
    }
    if (parts[3] < 26) return Style::kTransparent;
    return parts[0] << 16 | parts[1] << 8 | parts[2];
}

struct Number {
    double value = 0;
    bool is_percent = false;
};

/// The numbers of "rgb(1, 2 3 / 50%)"; none when there are more than four or other words.
std::optional<std::array<Number, 4>> numbers(std::string_view text, std::size_t& count) {
    std::array<Number, 4> out;
    count = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end) {
        if (is_space(*at) || *at == ',' || *at == '/') {
            ++at;
            continue;
        }
        if (count == out.size()) return std::nullopt;
        if (*at == '+') ++at;
        const auto [next, error] = std::from_chars(at, end, out[count].value);
        if (error != std::errc() || !std::isfinite(out[count].value)) return std::nullopt;
        at = next;
        out[count].is_percent = at != end && *at == '%';
        while (at != end && (*at == '%' || is_alpha(*at))) ++at;
        ++count;
    }
    return out;
}

std::int32_t channel(double value) {
    return static_cast<std::int32_t>(std::clamp(value, 0.0, 1.0) * 255 + 0.5);
}

/// Hue in degrees, saturation and lightness 0 to 1.
std::int32_t from_hsl(double hue, double saturation, double lightness) {
    const auto part = [&](double offset) {
        const double k = std::fmod(std::fmod(offset + hue / 30, 12) + 12, 12);
        const double a = saturation * std::min(lightness, 1 - lightness);
        return channel(lightness - a * std::max(-1.0, std::min({k - 3, 9 - k, 1.0})));
    };
    return part(0) << 16 | part(8) << 8 | part(4);
}

std::int32_t function_colour(std::string_view name, std::string_view arguments) {
    std::size_t count = 0;
    const auto parsed = numbers(arguments, count);
    if (!parsed || count < 3) return Style::kUnknown;
    const auto& n = *parsed;
    const auto part = [&n](std::size_t i, double whole) {
        return n[i].value / (n[i].is_percent ? 100 : whole);
    };
    if (count == 4 && part(3, 1) < 0.1) return Style::kTransparent;
    if (name.starts_with("hsl")) {
        return from_hsl(std::clamp(n[0].value, -3600.0, 3600.0),
                        std::clamp(n[1].value / 100, 0.0, 1.0),
                        std::clamp(n[2].value / 100, 0.0, 1.0));
    }
    return channel(part(0, 255)) << 16 | channel(part(1, 255)) << 8 | channel(part(2, 255));
}

}  // namespace

std::int32_t parse_colour(std::string_view text) {
    constexpr std::size_t kLongest = 100;
    text = trim(text).substr(0, kLongest);
    if (text.empty()) return Style::kNoLength;
    if (text.front() == '#') return hex_colour(text.substr(1));
    const auto name = lower(text);
    if (const auto open = name.find('('); open != std::string::npos) {
        if (!name.starts_with("rgb") && !name.starts_with("hsl")) return Style::kUnknown;
        const auto close = std::min(name.find(')', open), name.size());
        return function_colour(name, std::string_view(name).substr(open + 1, close - open - 1));
    }
    if (name == "transparent") return Style::kTransparent;
    if (name == "inherit" || name == "currentcolor") return Style::kInherit;
    return named_colour(name);
}

std::int32_t parse_legacy_colour(std::string_view text) {
    constexpr std::size_t kLongest = 128;
    text = trim(text);
    if (text.empty() || iequals(text, "transparent")) return Style::kNoLength;
    if (const auto named = named_colour(lower(text.substr(0, kLongest))); named >= 0) return named;
    if (text.size() == 4 && text.front() == '#') {
        if (const auto hex = hex_colour(text.substr(1)); hex >= 0) return hex;
    }
    if (text.front() == '#') text.remove_prefix(1);
    std::string digits;
    for (const char c : text.substr(0, kLongest)) digits += hex_value(c) >= 0 ? c : '0';
    while (digits.empty() || digits.size() % 3 != 0) digits += '0';
    // Three parts; of each the last eight digits, then without common zeros the first two.
    const auto length = digits.size() / 3;
    std::array<std::string_view, 3> parts;
    for (std::size_t i = 0; i < 3; ++i) {
        parts[i] = std::string_view(digits).substr(i * length, length);
        if (length > 8) parts[i].remove_prefix(length - 8);
    }
    while (parts[0].size() > 2 &&
           std::all_of(parts.begin(), parts.end(), [](auto part) { return part.front() == '0'; })) {
        for (auto& part : parts) part.remove_prefix(1);
    }
    std::int32_t colour = 0;
    for (const auto part : parts) {
        const int low = part.size() > 1 ? hex_value(part[1]) : 0;
        const int value = part.size() > 1 ? hex_value(part[0]) * 16 + low : hex_value(part[0]);
        colour = colour << 8 | value;
    }
    return colour;
}

}  // namespace cordon
