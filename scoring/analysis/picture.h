// SPDX-License-Identifier: GPL-2.0-only
// Attached pictures (PNG by libpng, JPEG by libjpeg-turbo) as grey pixels, for what is to be read
// in them. Bounded: the size is looked at before anything is unpacked.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace cordon {

struct GreyPicture {
    std::size_t width = 0;
    std::size_t height = 0;
    std::vector<unsigned char> pixels;  // row by row; 0 is black
};

/// Pixels that the head of a picture promises; nothing: no PNG or JPEG, or damaged.
std::optional<std::size_t> pixels_of(std::string_view bytes);

/// Nothing when it is no such picture, damaged, or of more than `max_pixels`. What is transparent
/// is white, as on the page of a mail client.
std::optional<GreyPicture> decode_picture(std::string_view bytes, std::size_t max_pixels);

}  // namespace cordon
