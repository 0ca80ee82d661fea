// SPDX-License-Identifier: GPL-2.0-only
// Reads CSS declarations (CSS Syntax 3, simplified: no nesting inside a declaration but brackets
// and quotes). What is not understood says nothing.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "conf/base/text.h"
#include "scoring/message/style.h"
#include "scoring/message/style_text.h"

namespace cordon {
namespace {

using Setter = void (*)(Style&, Property, std::string_view, bool);

struct Name {
    std::string_view text;
    Property property;
    Setter set;
};

void set_length(Style& style, Property property, std::string_view value, bool important) {
    if (const auto length = css_length(value); length != Style::kNoLength) {
        style.set(property, length, important);
    }
}

void set_display(Style& style, Property property, std::string_view value, bool important) {
    const bool hides = iequals(value, "none");
    style.set(property, hides ? Style::kHides : Style::kShows, important);
}

void set_hidden(Style& style, Property property, std::string_view value, bool important) {
    if (iequals(value, "inherit")) return;
    const bool hides =
        iequals(value, "hidden") || iequals(value, "collapse") || iequals(value, "clip");
    style.set(property, hides ? Style::kHides : Style::kShows, important);
}

void set_fraction(Style& style, Property property, std::string_view value, bool important) {
    const auto number = css_number(value);
    if (!number) return;
    const double whole = number->unit == "%" ? number->value / 100 : number->value;
    style.set(property, static_cast<std::int32_t>(std::clamp(whole, 0.0, 1000.0) * 1000),
              important);
}

void set_font_size(Style& style, Property property, std::string_view value, bool important) {
    const auto number = css_number(value);
    if (!number) {
        if (css_is_font_keyword(value)) style.set(property, 16 * 100, important);
        return;
    }
    if (number->value < 0) return;
    const bool is_relative = iequals(number->unit, "em") || number->unit == "%" ||
                             iequals(number->unit, "ex") || iequals(number->unit, "ch");
    if (!is_relative) return set_length(style, property, value, important);
    const double factor = number->unit == "%" ? 10 : iequals(number->unit, "em") ? 1000 : 500;
    const auto thousandths = static_cast<std::int32_t>(std::min(number->value, 1e4) * factor);
    style.set(property, -thousandths, important);
}

/// "font: italic 700 0/0 a": the first size, which has a unit or is zero.
void set_font(Style& style, Property property, std::string_view value, bool important) {
    for (const auto word : css_words(value)) {
        const auto size = word.substr(0, word.find('/'));
        const auto number = css_number(size);
        if (!number || (number->unit.empty() && number->value != 0)) continue;
        return set_font_size(style, property, size, important);
    }
}

void set_colour(Style& style, Property property, std::string_view value, bool important) {
    const auto colour = parse_colour(value);
    if (colour != Style::kNoLength) style.set(property, colour, important);
}

void set_picture(Style& style, Property property, std::string_view value, bool important) {
    const bool is_picture = value.find('(') != std::string_view::npos;
    style.set(property, is_picture ? Style::kHides : Style::kShows, important);
}

void set_background(Style& style, Property property, std::string_view value, bool important) {
    std::int32_t colour = Style::kTransparent;
    bool is_picture = false;
    for (const auto word : css_words(value)) {
        const auto found = parse_colour(word);
        is_picture = is_picture || (found == Style::kUnknown && word.find('(') < word.size());
        if (found != Style::kNoLength && found != Style::kUnknown) colour = found;
    }
    style.set(property, colour, important);
    style.set(Property::picture, is_picture ? Style::kHides : Style::kShows, important);
}

void set_position(Style& style, Property property, std::string_view value, bool important) {
    const bool is_static = iequals(value, "static") || iequals(value, "inherit");
    style.set(property, is_static ? 0 : Style::kFree, important);
}

/// margin: top [right [bottom [left]]]
void set_margin(Style& style, Property, std::string_view value, bool important) {
    const auto sides = css_words(value);
    if (sides.empty()) return;
    set_length(style, Property::margin_top, sides[0], important);
    const std::size_t left = sides.size() >= 4 ? 3 : sides.size() >= 2 ? 1 : 0;
    set_length(style, Property::margin_left, sides[left], important);
}

void set_clip(Style& style, Property property, std::string_view value, bool important) {
    const auto edges = css_arguments(value, "rect(");
    const auto at = [&edges](std::size_t i) { return css_length(edges[i]); };
    const bool is_rect =
        edges.size() == 4 && std::none_of(edges.begin(), edges.end(), [](auto edge) {
            return css_length(edge) == Style::kNoLength;
        });
    const bool is_empty = is_rect && (at(2) - 100 <= at(0) || at(1) - 100 <= at(3));
    style.set(property, is_empty ? Style::kHidesFree : Style::kShows, important);
}

void set_clip_path(Style& style, Property property, std::string_view value, bool important) {
    const auto inset = css_arguments(value, "inset(");
    const auto circle = css_arguments(value, "circle(");
    const auto polygon = css_arguments(value, "polygon(");
    const auto is_zero = [](std::string_view word) {
        const auto number = css_number(word);
        return number && number->value == 0;
    };
    bool hides = !circle.empty() && is_zero(circle[0]);
    hides = hides || (!polygon.empty() && std::all_of(polygon.begin(), polygon.end(), is_zero));
    const auto edge = inset.empty() ? std::nullopt : css_number(inset[0]);
    hides = hides || (edge && edge->unit == "%" && edge->value >= 50);
    style.set(property, hides ? Style::kHides : Style::kShows, important);
}

void set_transform(Style& style, Property property, std::string_view value, bool important) {
    for (const std::string_view name : {"scale(", "scalex(", "scaley(", "scale3d("}) {
        const auto factors = css_arguments(value, name);
        if (!factors.empty()) set_fraction(style, property, factors[0], important);
    }
    for (const std::string_view name : {"translate(", "translatex(", "translatey("}) {
        const auto moves = css_arguments(value, name);
        for (const auto move : moves) {
            const auto length = css_length(move);
            if (length <= -50000 && length != Style::kNoLength) {
                style.set(Property::margin_left, length, important);
            }
        }
    }
}

void set_filter(Style& style, Property property, std::string_view value, bool important) {
    const auto opacity = css_arguments(value, "opacity(");
    if (!opacity.empty()) set_fraction(style, property, opacity[0], important);
}

// By length, so that a name is compared with few.
constexpr std::array kNames = std::to_array<Name>({
    {"top", Property::top, set_length},
    {"left", Property::left, set_length},
    {"font", Property::font_size, set_font},
    {"clip", Property::clip, set_clip},
    {"color", Property::colour, set_colour},
    {"width", Property::width, set_length},
    {"right", Property::right, set_length},
    {"scale", Property::scale, set_fraction},
    {"height", Property::height, set_length},
    {"margin", Property::margin_left, set_margin},
    {"bottom", Property::bottom, set_length},
    {"filter", Property::opacity, set_filter},
    {"display", Property::display, set_display},
    {"opacity", Property::opacity, set_fraction},
    {"overflow", Property::overflow, set_hidden},
    {"position", Property::position, set_position},
    {"font-size", Property::font_size, set_font_size},
    {"max-width", Property::max_width, set_length},
    {"clip-path", Property::clip, set_clip_path},
    {"transform", Property::scale, set_transform},
    {"background", Property::background, set_background},
    {"visibility", Property::visibility, set_hidden},
    {"margin-top", Property::margin_top, set_length},
    {"max-height", Property::max_height, set_length},
    {"overflow-x", Property::overflow, set_hidden},
    {"overflow-y", Property::overflow, set_hidden},
    {"margin-left", Property::margin_left, set_length},
    {"text-indent", Property::text_indent, set_length},
    {"background-color", Property::background, set_colour},
    {"background-image", Property::picture, set_picture},
    {"-webkit-text-fill-color", Property::colour, set_colour},
});

constexpr std::size_t kLongestName = kNames.back().text.size();

constexpr std::array<std::uint8_t, kLongestName + 2> make_starts() {
    std::array<std::uint8_t, kLongestName + 2> starts{};
    for (std::size_t size = 0; size < starts.size(); ++size) {
        while (starts[size] < kNames.size() && kNames[starts[size]].text.size() < size)
            ++starts[size];
    }
    return starts;
}

constexpr auto kStarts = make_starts();

const Name* find_name(std::string_view name) {
    if (name.empty() || name.size() > kLongestName) return nullptr;
    const char first = ascii_lower(name.front());
    for (std::size_t i = kStarts[name.size()]; i < kStarts[name.size() + 1]; ++i) {
        if (kNames[i].text.front() == first && iequals(kNames[i].text, name)) return &kNames[i];
    }
    return nullptr;
}

void read_declaration(std::string_view name, std::string_view value, Style& style) {
    constexpr std::size_t kLongestValue = 1024;
    const auto* const known = find_name(trim(name));
    value = trim(value.substr(0, kLongestValue));
    if (known == nullptr || value.empty()) return;
    bool is_important = false;
    if (const auto mark = value.rfind('!'); mark != std::string_view::npos) {
        is_important = iequals(trim(value.substr(mark + 1)), "important");
        if (is_important) value = trim(value.substr(0, mark));
    }
    known->set(style, known->property, value, is_important);
}

}  // namespace

Style parse_style(std::string_view text) {
    std::string buffer;
    text = css_plain(text, buffer);
    Style style;
    while (!text.empty()) {
        const auto end = css_declaration_end(text);
        const auto declaration = text.substr(0, end);
        const auto colon = declaration.find(':');
        if (colon != std::string_view::npos) {
            read_declaration(declaration.substr(0, colon), declaration.substr(colon + 1), style);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return style;
}

}  // namespace cordon
