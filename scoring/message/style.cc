// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/style.h"

#include <algorithm>
#include <cstdlib>

namespace cordon {
namespace {

constexpr std::int32_t kOnePixel = 100;
constexpr std::int32_t kOffScreen = -500 * kOnePixel;
constexpr std::int32_t kUnreadable = 2 * kOnePixel;  // a font below this size
constexpr std::int32_t kFaint = 50;                  // thousandths of opacity
constexpr int kNearColours = 20;                     // of 255 in each channel

bool are_near(std::int32_t a, std::int32_t b) {
    for (const unsigned shift : {0U, 8U, 16U}) {
        const auto part = [shift](std::int32_t colour) { return colour >> shift & 0xFF; };
        if (std::abs(part(a) - part(b)) > kNearColours) return false;
    }
    return true;
}

bool is_off_screen(const Style& style) {
    const bool is_free = style.get(Property::position, 0) == Style::kFree;
    const auto is_far = [&style](Property property) {
        return style.get(property, 0) <= kOffScreen;
    };
    const bool is_moved = is_far(Property::left) || is_far(Property::top) ||
                          is_far(Property::right) || is_far(Property::bottom);
    return (is_free && is_moved) || is_far(Property::margin_left) || is_far(Property::margin_top);
}

bool is_clipped(const Style& style) {
    const auto clip = style.get(Property::clip, Style::kShows);
    const bool is_free = style.get(Property::position, 0) == Style::kFree;
    if (clip == Style::kHides || (clip == Style::kHidesFree && is_free)) return true;
    if (style.get(Property::scale, 1000) == 0) return true;
    if (style.get(Property::overflow, Style::kShows) != Style::kHides) return false;
    const auto is_empty = [&style](Property property) {
        return style.get(property, kOnePixel + 1) <= kOnePixel;
    };
    return is_empty(Property::width) || is_empty(Property::height) ||
           is_empty(Property::max_width) || is_empty(Property::max_height);
}

void apply_colours(const Style& style, Look& look) {
    const auto colour = style.get(Property::colour, Style::kInherit);
    if (colour != Style::kInherit) {
        look.colour = colour;
        look.is_coloured = true;
    }
    const auto background = style.get(Property::background, Style::kTransparent);
    if (background >= 0 || background == Style::kUnknown) look.background = background;
    if (style.get(Property::picture, Style::kShows) == Style::kHides) {
        look.background = Style::kUnknown;
    }
}

}  // namespace

void Style::set(Property property, std::int32_t value, bool is_important) {
    if ((important_ & bit(property)) != 0 && !is_important) return;
    said_ |= bit(property);
    if (is_important) important_ |= bit(property);
    values_[index(property)] = value;
}

void Style::forget(Property property) {
    said_ &= ~bit(property);
    important_ &= ~bit(property);
}

void Style::merge(const Style& later) {
    if (said_ == 0) {
        *this = later;
        return;
    }
    const auto taken = later.said_ & ~(important_ & ~later.important_);
    for (std::size_t i = 0; i < values_.size(); ++i) {
        if ((taken >> i & 1U) != 0) values_[i] = later.values_[i];
    }
    said_ |= taken;
    important_ |= later.important_;
}

bool operator==(const Style& a, const Style& b) {
    if (a.said_ != b.said_ || a.important_ != b.important_) return false;
    for (std::size_t i = 0; i < a.values_.size(); ++i) {
        if ((a.said_ >> i & 1U) != 0 && a.values_[i] != b.values_[i]) return false;
    }
    return true;
}

std::uint16_t Look::hiding() const {
    std::uint32_t why = lasting;
    if (is_invisible) why |= kHiddenByVisibility;
    if (font_size < kUnreadable) why |= kHiddenBySize;
    if (text_indent <= kOffScreen) why |= kHiddenByPosition;
    const bool is_known = is_coloured && colour >= 0 && background >= 0;
    if (colour == Style::kTransparent || (is_known && are_near(colour, background))) {
        why |= kHiddenByColour;
    }
    return static_cast<std::uint16_t>(why);
}

Look look_within(const Look& parent, const Style& style) {
    Look look = parent;
    if (style.is_empty()) return look;
    std::uint32_t lasting = look.lasting;
    if (style.get(Property::display, Style::kShows) == Style::kHides) lasting |= kHiddenByDisplay;
    if (style.get(Property::opacity, 1000) <= kFaint) lasting |= kHiddenByOpacity;
    if (is_off_screen(style)) lasting |= kHiddenByPosition;
    if (is_clipped(style)) lasting |= kHiddenByClipping;
    look.lasting = static_cast<std::uint16_t>(lasting);
    if (style.says(Property::visibility)) {
        look.is_invisible = style.get(Property::visibility, 0) == Style::kHides;
    }
    if (const auto size = style.get(Property::font_size, -1000); size >= 0) {
        look.font_size = size;
    } else {
        const auto scaled = std::int64_t{look.font_size} * -std::int64_t{size} / 1000;
        look.font_size = static_cast<std::int32_t>(std::min<std::int64_t>(scaled, 1'000'000));
    }
    look.text_indent = style.get(Property::text_indent, look.text_indent);
    apply_colours(style, look);
    return look;
}

}  // namespace cordon
