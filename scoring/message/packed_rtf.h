// SPDX-License-Identifier: GPL-2.0-only
// Compressed RTF (MS-OXRTFCP), the body of a message in TNEF: literals and references into the last
// 4096 bytes. Linear time; gives at most nine bytes for one of the input.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cordon {

struct UnpackedRtf {
    std::string bytes;
    bool is_damaged = false;  // unknown kind, or cut off
    bool is_over_limit = false;
};

/// At most `limit` bytes. What the header says of sizes and its checksum is not believed.
UnpackedRtf unpack_rtf(std::string_view packed, std::size_t limit);

}  // namespace cordon
