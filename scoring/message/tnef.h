// SPDX-License-Identifier: GPL-2.0-only
// TNEF, the "winmail.dat" of Outlook (MS-OXTNEF): attached files, and bodies in HTML, RTF or plain
// text. A list of attributes with lengths; bounded, and what is cut off is told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cordon {

struct TnefFile {
    std::string name;  // valid UTF-8; empty for a body
    std::string_view
        type;  // "text/html", "application/rtf" ...; for attachments application/octet-stream
    std::string_view bytes;
    bool is_tnef = false;        // a message inside, in TNEF again
    bool is_packed_rtf = false;  // a body: see packed_rtf.h
};

struct TnefContent {
    std::vector<TnefFile> files;
    bool is_damaged = false;
};

bool is_tnef(std::string_view bytes);

/// Views point into `bytes`.
TnefContent read_tnef(std::string_view bytes, std::size_t file_limit);

}  // namespace cordon
