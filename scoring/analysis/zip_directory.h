// SPDX-License-Identifier: GPL-2.0-only
// The members of a zip archive by its directory and by its local headers (PKWARE APPNOTE 6.3, 4.3).
// Nothing is unpacked. Archives whose two listings disagree are read differently by different
// programs; the union of both is returned and the disagreement told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cordon {

struct ZipMember {
    std::string name;  // bytes as written
    bool is_encrypted = false;
};

struct ZipDirectory {
    std::vector<ZipMember> members;
    bool is_damaged = false;  // no directory, or it disagrees with the local headers
    bool over_limit = false;  // members beyond the limit were not looked at
};

ZipDirectory read_zip_directory(std::string_view bytes, std::size_t member_limit);

}  // namespace cordon
