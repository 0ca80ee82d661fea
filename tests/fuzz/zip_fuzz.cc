// SPDX-License-Identifier: GPL-2.0-only
// Zip listings and walks through archives of all formats: bounded, and consistent with the bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/message/archive_walker.h"
#include "scoring/message/charset.h"
#include "scoring/message/zip.h"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cordon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const bool is_archive : {true, false}) {
        const ZipListing listing = list_zip(bytes, 100, is_archive);
        require(listing.entries.size() <= 100);
        for (const ZipEntry& entry : listing.entries) {
            require(entry.data <= size && entry.packed <= size - entry.data);
            require(entry.name.size() <= size);
        }
    }
    Limits limits;
    limits.archive_members = 200;
    limits.archive_depth = 4;
    limits.archive_bytes = 4U << 20U;
    limits.archive_member_bytes = 1U << 20U;
    for (const auto effort : {ArchiveEffort::survey, ArchiveEffort::full}) {
        std::size_t members = 0;
        ArchiveWalker walker(limits, effort, [&](const ArchiveMember& member) {
            ++members;
            require(is_valid_utf8(member.name));
            require(member.depth >= 1 && static_cast<std::size_t>(member.depth) <= 5);
            std::size_t sum = 0;
            for (const char c : member.bytes) sum += static_cast<unsigned char>(c);
            require(sum + 1 != 0);
        });
        walker.walk(bytes, "a.zip");
        // Each may be shown a second time, cut where it is declared to end.
        require(members <= 2 * limits.archive_members);
    }
    return 0;
}
