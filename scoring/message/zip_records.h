// SPDX-License-Identifier: GPL-2.0-only
// The headers of zip members (PKWARE APPNOTE 6.3.10, sections 4.3.7 and 4.3.12).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cordon {

constexpr std::uint64_t kZipNumberElsewhere = 0xffffffff;  // it stands in a zip64 record
constexpr unsigned kZipEncrypted = 1U;
constexpr unsigned kZipSizesBehind = 8U;

struct ZipHeader {
    unsigned flags = 0;
    unsigned method = 0;
    std::uint32_t crc = 0;
    std::uint64_t packed = 0;
    std::uint64_t size = 0;
    std::uint64_t offset = 0;  // of the local header
    std::string_view name;
    bool is_zip64 = false;
    std::size_t next = 0;  // offset after this header: of the next one, or of the data
};

/// A number of `width` bytes, the lowest first; beyond the end there are zeros.
std::uint64_t zip_number(std::string_view bytes, std::size_t at, unsigned width);

bool has_at(std::string_view bytes, std::uint64_t at, std::string_view signature);

std::optional<ZipHeader> central_header_at(std::string_view bytes, std::size_t at);
std::optional<ZipHeader> local_header_at(std::string_view bytes, std::size_t at);

}  // namespace cordon
