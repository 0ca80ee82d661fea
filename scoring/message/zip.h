// SPDX-License-Identifier: GPL-2.0-only
// The members of a zip archive (PKWARE APPNOTE 6.3.10, section 4.3) in every way that programs list
// them: by the directory of the last end record, by that of another one, by zip64 records or
// without, by local headers as they follow each other. Where these differ, so do the files that two
// people get out of it. Nothing is unpacked here. Takes linear time, whatever the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cordon {

struct ZipEntry {
    std::string_view name;     // as written
    std::size_t header = 0;    // offset of the local header
    std::size_t data = 0;      // offset of what is packed
    std::uint64_t packed = 0;  // bytes of it
    std::uint64_t size = 0;    // unpacked, as declared
    unsigned method = 0;       // 0 stored, 8 deflate
    unsigned flags = 0;        // as written
    std::uint32_t crc = 0;
    bool is_encrypted = false;
    bool has_sizes = true;  // false: they stand behind the data; `packed` is all that may be
};

struct ZipListing {
    std::vector<ZipEntry> entries;       // of all readings, those of the usual one first
    std::vector<std::string> conflicts;  // in what the readings differ, in words
    std::string damage;                  // why members may be missing from the list; or empty
    bool uses_zip64 = false;             // which some programs don't know
    bool over_limit = false;             // members beyond the limit are not listed
};

/// `is_archive`: the name or the first bytes say so. Otherwise only an archive that ends where the
/// bytes end is taken for one, as programs do that unpack themselves.
ZipListing list_zip(std::string_view bytes, std::size_t member_limit, bool is_archive);

/// Whether an end record stands at the very end, whatever the first bytes are.
bool ends_like_zip(std::string_view bytes);

}  // namespace cordon
