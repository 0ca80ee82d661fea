// SPDX-License-Identifier: GPL-2.0-only
// Zip archives that are right or, where a test wants it, wrong in one place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cordon::test {

struct ZipHeaderFields {
    std::string name;
    unsigned flags = 0;
    unsigned method = 0;
    std::uint32_t crc = 0;
    std::uint32_t packed = 0;
    std::uint32_t size = 0;
    std::string extra;
};

struct ZipTestMember {
    ZipHeaderFields local;
    ZipHeaderFields central;
    std::string data;    // as packed
    std::string behind;  // a data descriptor, or junk
    bool is_listed = true;
};

std::string deflated(std::string_view content);

/// A right member; change it before it is written.
ZipTestMember zip_member(std::string name, std::string_view content, bool is_deflated = true);

struct ZipTestArchive {
    std::vector<ZipTestMember> members;
    std::string prefix;  // in front; offsets count from behind it
    std::string before_directory;
    std::string comment;
    int claimed_members = -1;  // -1: as many as there are

    std::string build() const;
};

/// The local part alone, and the directory alone with offsets from `begin`.
std::string zip_local(const ZipTestMember& member);
std::string zip_directory(const std::vector<ZipTestMember>& members,
                          const std::vector<std::size_t>& offsets);
std::string zip_end(std::size_t members, std::size_t directory_size, std::size_t directory_offset,
                    std::string_view comment = {});

}  // namespace cordon::test
