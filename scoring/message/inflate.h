// SPDX-License-Identifier: GPL-2.0-only
// Deflate (RFC 1951) through zlib, bounded: what is kept, what is counted, and where the stream
// ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cordon {

struct InflateBounds {
    std::size_t kept = 0;       // bytes to return
    std::uint64_t counted = 0;  // bytes to unpack at most
};

struct Inflated {
    std::string bytes;         // the first ones
    std::uint64_t total = 0;   // as far as unpacked
    std::size_t consumed = 0;  // of the packed bytes
    bool has_end = false;      // the stream says where it ends
    bool is_damaged = false;   // neither that nor a bound stopped it
};

enum class InflateWrapping : std::uint8_t { none, zlib };

Inflated inflate(std::string_view packed, InflateBounds bounds,
                 InflateWrapping wrapping = InflateWrapping::none);

}  // namespace cordon
