// SPDX-License-Identifier: GPL-2.0-only
// The little of CSS that decides whether a person sees a text: declarations of one style attribute
// or rule, and what they make of an element within its parents.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cordon {

enum class Property : std::uint8_t {
    display,
    visibility,
    opacity,
    font_size,
    colour,
    background,
    picture,
    position,
    overflow,
    left,
    top,
    right,
    bottom,
    text_indent,
    margin_left,
    margin_top,
    width,
    height,
    max_width,
    max_height,
    clip,
    scale,
    count_,
};

/// What one style attribute or rule says. Lengths in hundredths of a pixel (a negative font size in
/// thousandths of the parent's), opacity and scale in thousandths, colours as 0xRRGGBB or one of
/// the values below.
class Style {
 public:
    static constexpr std::int32_t kTransparent = -1;  // colours
    static constexpr std::int32_t kUnknown = -2;      // a picture, or a rule that may not apply
    static constexpr std::int32_t kInherit = -3;
    static constexpr std::int32_t kHides = 1;      // display, visibility, overflow, clip, picture
    static constexpr std::int32_t kHidesFree = 2;  // clip: only where position is kFree
    static constexpr std::int32_t kShows = 0;
    static constexpr std::int32_t kFree = 1;  // position: absolute, fixed or relative
    static constexpr std::int32_t kNoLength = INT32_MIN;

    bool says(Property property) const { return (said_ & bit(property)) != 0; }
    std::int32_t get(Property property, std::int32_t otherwise) const {
        return says(property) ? values_[index(property)] : otherwise;
    }
    bool is_empty() const { return said_ == 0; }
    void clear() { said_ = important_ = 0; }
    void set(Property property, std::int32_t value, bool is_important = false);
    void forget(Property property);
    /// `later` wins, except over what is !important here and not there.
    void merge(const Style& later);

    friend bool operator==(const Style& a, const Style& b);

 private:
    static constexpr std::size_t index(Property property) {
        return static_cast<std::size_t>(property);
    }
    static constexpr std::uint32_t bit(Property property) { return 1U << index(property); }

    std::uint32_t said_ = 0;
    std::uint32_t important_ = 0;
    std::array<std::int32_t, static_cast<std::size_t>(Property::count_)> values_{};
};

/// Declarations as in style="...": "display:none; color: #fff". `text` has its references decoded.
Style parse_style(std::string_view text);

// Why a text is not seen, as bits of a mask.
enum Hiding : std::uint16_t {
    kHiddenByDisplay = 1,
    kHiddenByVisibility = 2,
    kHiddenBySize = 4,
    kHiddenByColour = 8,
    kHiddenByOpacity = 16,
    kHiddenByPosition = 32,
    kHiddenByClipping = 64,  // an empty box, clip, clip-path, scale(0)
};

/// What an element looks like within its parents.
struct Look {
    std::uint16_t lasting = 0;  // Hiding bits that no child can undo
    bool is_invisible = false;
    bool is_coloured = false;  // somebody said a text colour
    std::int32_t font_size = 1600;
    std::int32_t colour = 0x000000;
    std::int32_t background = 0xFFFFFF;
    std::int32_t text_indent = 0;

    std::uint16_t hiding() const;
};

Look look_within(const Look& parent, const Style& style);

/// CSS and old HTML colours; `kNoLength` for what is none.
std::int32_t parse_colour(std::string_view text);
/// bgcolor="...": as browsers read them, anything is a colour.
std::int32_t parse_legacy_colour(std::string_view text);

}  // namespace cordon
