// SPDX-License-Identifier: GPL-2.0-only
// What one message may cost. Reaching a limit is a fact about the message (an Oddity), not an
// error: what lies beyond was not read, and the report says so.
#pragma once

#include <cstddef>

namespace cordon {

struct Limits {
    std::size_t header_fields = 2000;         // a block
    std::size_t header_bytes = 1U << 20U;     // a block
    std::size_t parts = 2000;                 // all readings together
    std::size_t depth = 30;                   // nested multiparts and messages
    std::size_t readings = 64;                // interpretations kept apart
    std::size_t decoded_bytes = 400U << 20U;  // all parts together
    std::size_t text_bytes = 512U << 10U;     // decoded text that the rules see, all parts together
    std::size_t urls = 2000;
    std::size_t html_depth = 256;
    std::size_t archive_members = 10000;             // all archives together
    std::size_t archive_depth = 16;                  // archives in archives
    std::size_t archive_bytes = 256U << 20U;         // unpacked from all archives
    std::size_t archive_member_bytes = 100U << 20U;  // one file; libclamav passes over larger ones
    std::size_t parameter_bytes = 4096;              // one MIME parameter
};

}  // namespace cordon
