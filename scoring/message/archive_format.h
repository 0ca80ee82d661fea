// SPDX-License-Identifier: GPL-2.0-only
// Which archive or compressed file begins with these bytes. The only list of their signatures.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon {

enum class ArchiveFormat : std::uint8_t {
    none,
    zip,
    rar,
    seven_zip,
    gzip,
    bzip2,
    xz,
    lzma,
    zstd,
    lz4,
    lzip,
    compress,
    tar,
    cpio,
    cab,
    lha,
    iso9660,
    ar,
    rpm,
    arj,
    ace
};

ArchiveFormat archive_format_of(std::string_view bytes);

/// Whether it is one file made smaller: no archive, and without a name inside.
bool is_compressed_stream(ArchiveFormat format);

/// "zip", "7z" ...; empty for none.
std::string_view archive_name(ArchiveFormat format);

/// "application/zip" ...; empty for none.
std::string_view archive_media_type(ArchiveFormat format);

}  // namespace cordon
