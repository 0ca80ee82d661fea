// SPDX-License-Identifier: GPL-2.0-only
// What an attached PDF (ISO 32000) does when it is opened, and where it leads: found in its bytes
// and in its compressed object streams, without following its structure, which a hostile file may
// break.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cordon {

struct PdfFacts {
    std::vector<std::string> uris;  // as written, at most 100
    bool has_script = false;        // JavaScript
    bool has_launch = false;        // starts a program
    bool has_open_action = false;   // something happens when it is opened
    bool has_embedded_file = false;
    bool has_submit = false;  // sends a form away
};

bool is_pdf(std::string_view bytes);

/// Reads the first 8 MB, and 4 MB of what object streams unpack to.
PdfFacts scan_pdf(std::string_view bytes);

/// The JPEG pictures on its pages, as they stand in the first 8 MB; at most 20.
std::vector<std::string_view> pdf_pictures(std::string_view bytes);

}  // namespace cordon
