// SPDX-License-Identifier: GPL-2.0-only
// Where in a picture QR codes may stand (ISO/IEC 18004, section 6.3.3): by the marks in three of
// their corners. It costs a few nanoseconds a pixel; reading a code costs ten times as much.
#pragma once

#include <cstddef>
#include <vector>

#include "scoring/analysis/picture.h"

namespace cordon {

/// A rectangle that holds one code with its quiet zone, or several that overlap.
struct QrPlace {
    std::size_t left = 0;
    std::size_t top = 0;
    std::size_t width = 0;
    std::size_t height = 0;
    bool is_light_on_dark = false;
};

struct QrPlaces {
    std::vector<QrPlace> list;
    unsigned contrast = 0;    // levels of grey between what is dark and light in the picture
    bool is_complete = true;  // false: more marks than are looked at
};

QrPlaces find_qr_places(const GreyPicture& picture);

/// Marks of at least that contrast, of a code or not; no more than some sixty are counted.
std::size_t count_qr_marks(const GreyPicture& picture, unsigned contrast);

}  // namespace cordon
