// SPDX-License-Identifier: GPL-2.0-only
// What lies in the archives of a message, archives in archives included: names, types, and as many
// bytes as the caller needs. Zip is read by Cordon itself, in every way that programs read it
// (zip.h), the other formats by libarchive. What could not be read, and why, is told: an archive is
// never silently empty. Bounded by Limits for all archives of a message together.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/message/archive_format.h"
#include "scoring/message/inflate.h"
#include "scoring/message/limits.h"
#include "scoring/message/zip.h"

namespace cordon {

struct ArchiveMember {
    std::string name;        // valid UTF-8; with the path inside the archive
    std::string_view bytes;  // the first ones, or all: see is_whole
    std::uint64_t size = 0;  // as declared, or as far as unpacked
    int depth = 1;           // 1: in the attachment itself
    bool is_whole = false;
    bool is_encrypted = false;
    /// A scanner that opens the archive by itself may see other bytes under this name, or none.
    bool needs_own_scan = false;
    bool is_entity = false;  // what opaque S/MIME holds: by the book, mail
};

enum class ArchiveTrouble : std::uint8_t {
    conflict,   // programs read the archive differently; all readings were visited
    damaged,    // something is missing
    unopened,   // a format or method without a reader
    limit,      // too many members, too deep
    bomb,       // too many bytes, or blown up out of proportion
    encrypted,  // under a password
};

struct ArchiveNote {
    ArchiveTrouble trouble = ArchiveTrouble::damaged;
    std::string detail;  // printable
};

enum class ArchiveEffort : std::uint8_t {
    survey,  // of members that are no archives the first bytes only
    full,    // all bytes are unpacked and counted, those of needs_own_scan are kept
};

/// Whether there is anything to walk through; cheap.
bool may_be_archive(std::string_view bytes, std::string_view name);

/// Whether it is by its name what office documents refer to others with (ECMA-376 part 2).
bool is_relationships(std::string_view name);

class ArchiveWalker {
 public:
    using Visit = std::function<void(const ArchiveMember&)>;

    ArchiveWalker(const Limits& limits, ArchiveEffort effort, Visit visit);

    /// Walks through an attachment, whatever it is: what is no archive has no members. True when it
    /// holds more than is allowed.
    bool walk(std::string_view bytes, std::string_view name);

    const std::vector<ArchiveNote>& notes() const { return notes_; }

 private:
    /// A member on its way out.
    struct Packed {
        ArchiveMember out;
        std::string kept;         // owns out.bytes where they were unpacked
        std::uint64_t total = 0;  // as far as unpacked
    };
    class LibraryMembers;
    friend class LibraryMembers;

    void walk_at(std::string_view bytes, std::string_view name, int depth);
    void walk_zip(std::string_view bytes, std::string_view name, int depth, bool is_archive);
    void walk_library(std::string_view bytes, std::string_view name, ArchiveFormat format,
                      int depth);
    void unpack_stored(std::string_view bytes, const ZipEntry& entry, Packed& member);
    void unpack_deflated(std::string_view bytes, const ZipEntry& entry, Packed& member);
    void check_end(std::string_view bytes, const ZipEntry& entry, const Inflated& unpacked,
                   Packed& member);
    void unpack_foreign(std::string_view bytes, const ZipEntry& entry, Packed& member);
    bool is_wanted_whole(const ArchiveMember& member, std::string_view head) const;
    void finish(Packed& member);
    void open_signed(const ArchiveMember& member);
    bool take_one(std::string_view name);
    std::uint64_t allowance(std::uint64_t packed) const;
    bool spend(std::uint64_t unpacked, std::uint64_t packed, std::string_view name);
    void note(ArchiveTrouble trouble, std::string_view detail, std::string_view name = {});

    const Limits& limits_;
    ArchiveEffort effort_;
    Visit visit_;
    std::vector<ArchiveNote> notes_;
    std::size_t members_left_;
    std::uint64_t bytes_left_;
    std::uint64_t proportion_left_ = 0;  // of what one attachment may unpack to
    bool is_bomb_ = false;
};

}  // namespace cordon
