// SPDX-License-Identifier: GPL-2.0-only
// Pictures of QR codes as mail brings them: turned, scaled, seen from aside, pale, inverted, noisy.
#pragma once

#include <string>

#include "scoring/analysis/picture.h"

namespace cordon {

struct QrView {
    double module = 4;   // pixels of one module
    double degrees = 0;  // turned by
    double lean = 0;     // share by which the far side is shorter: seen from aside
    unsigned dark = 0;   // shades of grey
    unsigned light = 255;
    double shade = 0;           // share of light that is lost from the left to the right
    unsigned noise = 0;         // grey levels, up and down
    std::size_t beside = 0;     // pixels of page around it
    bool is_page_busy = false;  // ... with stripes and letters on it
};

/// `code` has one pixel for each module, its quiet zone included.
GreyPicture render_qr(const GreyPicture& code, const QrView& view);

/// A page full of the marks that stand in the corners of a code.
GreyPicture many_qr_marks(std::size_t side);

std::string jpeg_of(const GreyPicture& picture, int quality);

/// Written as a JPEG of that quality and read again.
GreyPicture through_jpeg(const GreyPicture& picture, int quality);

}  // namespace cordon
