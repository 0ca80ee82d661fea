// SPDX-License-Identifier: GPL-2.0-only
// Zip members: unpacked by Cordon (stored, deflated) or, one by one, by libarchive.
#include <zlib.h>

#include <algorithm>

#include "conf/base/text.h"
#include "scoring/message/archive_library.h"
#include "scoring/message/archive_walker.h"
#include "scoring/message/zip_alone.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kHead = 4096;  // enough to tell what a file is
constexpr std::size_t kLongestName = 4096;
constexpr unsigned kStored = 0;
constexpr unsigned kDeflated = 8;

/// Keeps the one member of zip_alone().
class OnlyMember : public LibraryVisitor {
 public:
    explicit OnlyMember(std::uint64_t allowed) : allowed_(allowed) {}

    bool begin(const LibraryMember&) override { return true; }
    bool piece(std::string_view bytes) override {
        kept.append(bytes);
        return kept.size() < allowed_;
    }
    bool end(std::string_view why) override {
        trouble = why;
        return false;
    }

    std::string kept;
    std::string trouble;

 private:
    std::uint64_t allowed_;
};

constexpr std::uint64_t kMostTried = 1U << 20U;

struct Trial {
    std::uint64_t bytes = 0;  // what it cost
    bool is_readable = false;
};

/// Whether a member under a password is there without one: who passes over the mark gets a file.
/// Larger ones are not tried.
Trial read_in_spite_of_mark(std::string_view bytes, const ZipEntry& entry) {
    const std::string_view packed = bytes.substr(entry.data, entry.packed);
    if (!entry.has_sizes || packed.size() != entry.packed || packed.size() > kMostTried) return {};
    std::string_view content = packed;
    Inflated unpacked;
    if (entry.method == kDeflated) {
        unpacked = inflate(packed, {kMostTried, kMostTried});
        content = unpacked.bytes;
        if (!unpacked.has_end) return {unpacked.total, false};
    } else if (entry.method != kStored) {
        return {};
    }
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(content.data()),
                             static_cast<uInt>(content.size()));
    return {content.size(), !content.empty() && crc == entry.crc};
}

}  // namespace

void ArchiveWalker::walk_zip(std::string_view bytes, std::string_view name, int depth,
                             bool is_archive) {
    const ZipListing listing = list_zip(bytes, members_left_, is_archive);
    for (const std::string& conflict : listing.conflicts) note(ArchiveTrouble::conflict, conflict);
    if (!listing.damage.empty()) note(ArchiveTrouble::damaged, "zip: " + listing.damage, name);
    if (listing.over_limit) note(ArchiveTrouble::limit, "zip with too many members", name);
    // libclamav does not read zip64.
    const bool is_plain =
        listing.conflicts.empty() && listing.damage.empty() && !listing.uses_zip64;
    for (const ZipEntry& entry : listing.entries) {
        Packed member;
        member.out.name = to_valid_utf8(entry.name.substr(0, kLongestName));
        if (!take_one(member.out.name)) return;
        member.out.depth = depth;
        member.out.size = entry.size;
        member.out.is_encrypted = entry.is_encrypted;
        member.out.needs_own_scan = !is_plain;
        if (entry.size > limits_.archive_member_bytes)
            note(ArchiveTrouble::bomb, "larger than is unpacked", member.out.name);
        if (entry.is_encrypted) {
            note(ArchiveTrouble::encrypted, "zip member " + printable(member.out.name, 80));
            const Trial trial = read_in_spite_of_mark(bytes, entry);
            if (!spend(trial.bytes, entry.packed, member.out.name) || !trial.is_readable) {
                visit_(member.out);
                continue;
            }
            note(ArchiveTrouble::conflict, "marked as encrypted, but it is not", member.out.name);
            member.out.needs_own_scan = true;
        }
        if (entry.method == kStored) {
            unpack_stored(bytes, entry, member);
        } else if (entry.method == kDeflated) {
            unpack_deflated(bytes, entry, member);
        } else {
            unpack_foreign(bytes, entry, member);
        }
    }
}

void ArchiveWalker::unpack_stored(std::string_view bytes, const ZipEntry& entry, Packed& member) {
    std::string_view stored = bytes.substr(entry.data, entry.packed);
    member.total = stored.size();
    if (entry.has_sizes && entry.size != entry.packed) {
        note(ArchiveTrouble::conflict, "stored with another size than declared", member.out.name);
        member.out.needs_own_scan = true;
        // Which of the two counts is anybody's guess: the longer one begins like the shorter.
        const std::string_view longer = bytes.substr(entry.data, entry.size);
        if (longer.size() > stored.size()) stored = longer;
    }
    member.out.bytes = stored;
    member.out.is_whole = spend(stored.size(), stored.size(), member.out.name);
    finish(member);
}

void ArchiveWalker::unpack_deflated(std::string_view bytes, const ZipEntry& entry, Packed& member) {
    std::string_view packed = bytes.substr(entry.data, entry.packed);
    const std::uint64_t allowed = allowance(packed.size());
    const bool is_full = effort_ == ArchiveEffort::full;
    bool is_whole = is_wanted_whole(member.out, {});
    const auto bounds = [&] {
        return InflateBounds{is_whole ? allowed : kHead, is_whole || is_full ? allowed : kHead};
    };
    Inflated unpacked = inflate(packed, bounds());
    if (unpacked.is_damaged && unpacked.consumed == packed.size()) {
        // Cut off where it is declared to end; who does not ask where that is reads on.
        const Inflated longer = inflate(bytes.substr(entry.data), bounds());
        if (longer.has_end) {
            note(ArchiveTrouble::conflict, "longer than declared", member.out.name);
            packed = bytes.substr(entry.data, longer.consumed);
            unpacked = longer;
            member.out.needs_own_scan = true;
        }
    }
    check_end(bytes, entry, unpacked, member);
    if (!is_whole && is_wanted_whole(member.out, unpacked.bytes)) {
        is_whole = true;
        unpacked = inflate(packed, bounds());
    }
    member.total = unpacked.total;
    const bool is_within = spend(unpacked.total, packed.size(), member.out.name);
    member.out.is_whole = is_within && unpacked.has_end && unpacked.total == unpacked.bytes.size();
    member.kept = std::move(unpacked.bytes);
    if (entry.has_sizes && entry.size < member.kept.size()) {
        // Who trusts the declared size stops there.
        ArchiveMember cut = member.out;
        cut.bytes = std::string_view(member.kept).substr(0, entry.size);
        visit_(cut);
    }
    finish(member);
}

/// What the end of the stream tells, and who would not see it.
void ArchiveWalker::check_end(std::string_view bytes, const ZipEntry& entry,
                              const Inflated& unpacked, Packed& member) {
    if (unpacked.is_damaged) {
        note(ArchiveTrouble::damaged, "zip member", member.out.name);
        member.out.needs_own_scan = true;
    }
    if (!unpacked.has_end || !entry.has_sizes) return;
    if (unpacked.total != entry.size) {
        note(ArchiveTrouble::conflict, "unpacks to another size than declared", member.out.name);
        member.out.needs_own_scan = true;
    }
    if (unpacked.consumed >= entry.packed) return;
    const std::string_view rest =
        bytes.substr(entry.data + unpacked.consumed, entry.packed - unpacked.consumed);
    note(ArchiveTrouble::conflict, "more bytes behind the end of a member", member.out.name);
    member.out.needs_own_scan = true;
    if (static_cast<std::size_t>(member.out.depth) < limits_.archive_depth &&
        rest.find("PK\3\4"sv) != std::string_view::npos)
        walk_zip(rest, member.out.name, member.out.depth + 1, true);
}

/// Methods that Cordon doesn't undo itself: bzip2, lzma, xz, ppmd.
void ArchiveWalker::unpack_foreign(std::string_view bytes, const ZipEntry& entry, Packed& member) {
    const std::string_view packed = bytes.substr(entry.data, entry.packed);
    OnlyMember only(allowance(packed.size()));
    const std::string archive = zip_alone(entry, packed);
    std::string trouble = read_by_library(archive, ArchiveFormat::zip, only);
    if (trouble.empty()) trouble = only.trouble;
    if (!trouble.empty())
        note(ArchiveTrouble::unopened,
             "zip member with method " + std::to_string(entry.method) + ": " + trouble,
             member.out.name);
    member.total = only.kept.size();
    const bool is_within = spend(member.total, packed.size(), member.out.name);
    member.out.is_whole = is_within && trouble.empty();
    member.out.needs_own_scan = true;  // of these methods libclamav knows bzip2 alone
    member.kept = std::move(only.kept);
    finish(member);
}

}  // namespace cordon
