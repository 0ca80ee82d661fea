// SPDX-License-Identifier: GPL-2.0-only
// Nesting is bounded by Limits, so the recursion here is too.
#include "scoring/message/archive_walker.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/message/archive_library.h"
#include "scoring/message/inflate.h"
#include "scoring/message/signed_data.h"
#include "scoring/message/zip.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kHead = 4096;  // enough to tell what a file is
constexpr std::size_t kMostNotes = 20;
constexpr std::size_t kStubReach = 1U
                                   << 20U;  // how far unpackers look for the archive behind a stub
// Deflate packs a thousand to one at best; files of people come nowhere near this.
constexpr std::uint64_t kBlownUp = 250;
constexpr std::uint64_t kSmall = 32U << 20U;

std::string_view extension(std::string_view name) {
    while (!name.empty() && (is_space(name.back()) || name.back() == '.')) name.remove_suffix(1);
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

bool is_archive_name(std::string_view name) {
    constexpr std::array kExtensions = {"zip"sv,  "rar"sv,  "7z"sv,   "jar"sv, "tar"sv, "gz"sv,
                                        "tgz"sv,  "cab"sv,  "arj"sv,  "lzh"sv, "iso"sv, "img"sv,
                                        "bz2"sv,  "xz"sv,   "zst"sv,  "apk"sv, "ace"sv, "docx"sv,
                                        "xlsx"sv, "pptx"sv, "docm"sv, "xlsm"sv};
    const std::string_view last = extension(name);
    return std::any_of(kExtensions.begin(), kExtensions.end(),
                       [last](std::string_view known) { return iequals(known, last); });
}

/// An archive behind other bytes, for which programs search when the name says that there is one.
std::size_t find_behind_stub(std::string_view bytes) {
    const std::string_view head = bytes.substr(0, kStubReach);
    return std::min(head.find("Rar!\x1a\7"sv), head.find("7z\xbc\xaf\x27\x1c"sv));
}

struct Found {
    ArchiveFormat format = ArchiveFormat::none;
    std::size_t offset = 0;
    bool is_by_end = false;  // nothing but an end record says that it is an archive
};

Found find_archive(std::string_view bytes, std::string_view name) {
    const ArchiveFormat format = archive_format_of(bytes);
    if (format != ArchiveFormat::none) return {format, 0, false};
    if (!is_archive_name(name))
        return {ends_like_zip(bytes) ? ArchiveFormat::zip : ArchiveFormat::none, 0, true};
    const std::size_t behind = find_behind_stub(bytes);
    if (behind != std::string_view::npos)
        return {archive_format_of(bytes.substr(behind)), behind, false};
    const bool has_zip = bytes.find("PK\3\4"sv) != std::string_view::npos ||
                         bytes.find("PK\5\6"sv) != std::string_view::npos;
    return {has_zip ? ArchiveFormat::zip : ArchiveFormat::none, 0, false};
}

/// "data.tar.gz" holds "data.tar".
std::string name_inside(std::string_view name) {
    const std::string_view last = extension(name);
    if (last.empty()) return std::string(name);
    const std::string_view stem =
        name.substr(0, static_cast<std::size_t>(last.data() - name.data()));
    std::string inside(stem.substr(0, stem.size() - 1));
    if (iequals(last, "tgz") || iequals(last, "txz") || iequals(last, "tbz2")) inside += ".tar";
    return inside;
}

}  // namespace

bool is_relationships(std::string_view name) {
    constexpr std::string_view kEnd = ".rels";
    return name.size() >= kEnd.size() && iequals(name.substr(name.size() - kEnd.size()), kEnd);
}

bool may_be_archive(std::string_view bytes, std::string_view name) {
    return find_archive(bytes, name).format != ArchiveFormat::none;
}

ArchiveWalker::ArchiveWalker(const Limits& limits, ArchiveEffort effort, Visit visit)
    : limits_(limits),
      effort_(effort),
      visit_(std::move(visit)),
      members_left_(limits.archive_members),
      bytes_left_(limits.archive_bytes) {}

bool ArchiveWalker::walk(std::string_view bytes, std::string_view name) {
    is_bomb_ = false;
    proportion_left_ = std::max(2 * kSmall, bytes.size() * kBlownUp);
    walk_at(bytes, name, 1);
    return is_bomb_;
}

void ArchiveWalker::note(ArchiveTrouble trouble, std::string_view detail, std::string_view name) {
    if (trouble == ArchiveTrouble::bomb || trouble == ArchiveTrouble::limit) is_bomb_ = true;
    std::string text(detail);
    if (!name.empty()) text.append(" (").append(printable(name, 80)).append(")");
    const bool is_known = std::any_of(notes_.begin(), notes_.end(), [&](const ArchiveNote& n) {
        return n.trouble == trouble && n.detail == text;
    });
    // The last places are kept for kinds of trouble that were not seen yet.
    const bool is_new_kind = std::none_of(
        notes_.begin(), notes_.end(), [&](const ArchiveNote& n) { return n.trouble == trouble; });
    if (!is_known && (notes_.size() < kMostNotes || is_new_kind))
        notes_.push_back({trouble, std::move(text)});
}

bool ArchiveWalker::take_one(std::string_view name) {
    if (members_left_ == 0) {
        note(ArchiveTrouble::limit,
             "more than " + std::to_string(limits_.archive_members) + " files in archives", name);
        return false;
    }
    --members_left_;
    if (proportion_left_ > 0 && bytes_left_ > 0) return true;
    note(ArchiveTrouble::bomb, "archives unpack to more than is allowed");
    return false;
}

/// How much of a member may be unpacked.
std::uint64_t ArchiveWalker::allowance(std::uint64_t packed) const {
    const std::uint64_t in_proportion = std::max(kSmall, packed * kBlownUp);
    return std::min({in_proportion, proportion_left_, bytes_left_,
                     std::uint64_t{limits_.archive_member_bytes}}) +
           1;
}

/// Accounts for what was unpacked; false when that was more than is allowed.
bool ArchiveWalker::spend(std::uint64_t unpacked, std::uint64_t packed, std::string_view name) {
    const std::uint64_t allowed = allowance(packed) - 1;
    const bool is_within = unpacked <= allowed;
    if (!is_within) {
        if (allowed == bytes_left_)
            note(ArchiveTrouble::bomb, "archives unpack to more than " +
                                           std::to_string(limits_.archive_bytes) + " bytes");
        else if (allowed == limits_.archive_member_bytes)
            note(ArchiveTrouble::bomb, "larger than is unpacked", name);
        else
            note(ArchiveTrouble::bomb, "blown up out of proportion", name);
    }
    bytes_left_ -= std::min(bytes_left_, unpacked);
    proportion_left_ -= std::min(proportion_left_, unpacked);
    return is_within;
}

void ArchiveWalker::walk_at(std::string_view bytes, std::string_view name, int depth) {
    const Found found = find_archive(bytes, name);
    bytes.remove_prefix(found.offset);
    const ArchiveFormat format = found.format;
    if (format == ArchiveFormat::none || format == ArchiveFormat::arj) return;  // see libclamav
    if (found.offset > 0) note(ArchiveTrouble::conflict, "other data before the archive", name);
    if (static_cast<std::size_t>(depth) > limits_.archive_depth) {
        note(ArchiveTrouble::limit,
             "archives nested deeper than " + std::to_string(limits_.archive_depth));
        return;
    }
    if (format == ArchiveFormat::zip)
        walk_zip(bytes, name, depth, !found.is_by_end);
    else if (is_read_by_library(format))
        walk_library(bytes, name, format, depth);
    else
        note(ArchiveTrouble::unopened, archive_name(format), name);
}

/// Whether more than the first bytes are needed.
bool ArchiveWalker::is_wanted_whole(const ArchiveMember& member, std::string_view head) const {
    if (effort_ == ArchiveEffort::full && member.needs_own_scan) return true;
    if (is_relationships(member.name)) return true;
    return is_archive_name(member.name) || archive_format_of(head) != ArchiveFormat::none ||
           is_signed_data(head);
}

/// Visits the member, and what is in it when it is an archive itself.
void ArchiveWalker::finish(Packed& member) {
    ArchiveMember& out = member.out;
    if (out.bytes.empty()) out.bytes = member.kept;
    if (out.size == 0) out.size = member.total;
    visit_(out);
    if (!out.is_whole) return;
    if (is_signed_data(out.bytes)) open_signed(out);
    walk_at(out.bytes, out.name, out.depth + 1);
}

/// What is signed in it is a member of its own. A detached signature holds nothing.
void ArchiveWalker::open_signed(const ArchiveMember& member) {
    if (static_cast<std::size_t>(member.depth) >= limits_.archive_depth) {
        note(ArchiveTrouble::limit,
             "archives nested deeper than " + std::to_string(limits_.archive_depth));
        return;
    }
    const std::size_t size = member.bytes.size();
    Packed inner;
    inner.kept = content_of_signed_data(member.bytes, allowance(size));
    if (inner.kept.empty() || !take_one(member.name) ||
        !spend(inner.kept.size(), size, member.name))
        return;
    inner.total = inner.kept.size();
    inner.out.name = name_of_signed_file(member.name);
    inner.out.depth = member.depth + 1;
    inner.out.is_whole = inner.out.needs_own_scan = inner.out.is_entity = true;
    finish(inner);
}

/// Of libarchive's members, one at a time.
class ArchiveWalker::LibraryMembers : public LibraryVisitor {
 public:
    LibraryMembers(ArchiveWalker& walker, std::string_view archive, ArchiveFormat format, int depth)
        : walker_(walker), packed_(archive.size()), format_(format), depth_(depth) {}

    /// The name of what stands in a compressed stream, which has none of its own.
    void set_only_name(std::string name) { only_name_ = std::move(name); }

    bool begin(const LibraryMember& member) override {
        const std::string& name = only_name_.empty() ? member.name : only_name_;
        if (!walker_.take_one(name)) return false;
        member_ = Packed{};
        member_.out.name = name;
        member_.out.depth = depth_;
        member_.out.is_encrypted = member.is_encrypted;
        // libclamav opens many of these too, but reads less of some (one stream of several, say);
        // what it saw already costs it a look into its cache.
        member_.out.needs_own_scan = format_ != ArchiveFormat::tar;
        is_kept_ = true;
        if (member.is_encrypted)
            walker_.note(ArchiveTrouble::encrypted, archive_name(format_), name);
        return true;
    }

    bool piece(std::string_view bytes) override {
        member_.total += bytes.size();
        if (is_kept_) {
            member_.kept.append(bytes);
            is_kept_ =
                member_.kept.size() < kHead || walker_.is_wanted_whole(member_.out, member_.kept);
            if (!is_kept_) member_.kept.resize(kHead);
        }
        return member_.total < walker_.allowance(packed_);
    }

    bool end(std::string_view trouble) override {
        if (!trouble.empty() && !member_.out.is_encrypted)
            walker_.note(trouble_of(trouble),
                         std::string(archive_name(format_)).append(": ").append(trouble),
                         member_.out.name);
        const bool is_within = walker_.spend(member_.total, packed_, member_.out.name);
        member_.out.is_whole = is_within && trouble.empty() && is_kept_;
        if (!member_.out.is_encrypted) walker_.finish(member_);
        return is_within;
    }

    static ArchiveTrouble trouble_of(std::string_view text) {
        if (icontains(text, "crypt") || icontains(text, "passphrase"))
            return ArchiveTrouble::encrypted;
        return icontains(text, "support") ? ArchiveTrouble::unopened : ArchiveTrouble::damaged;
    }

 private:
    ArchiveWalker& walker_;
    std::uint64_t packed_;
    ArchiveFormat format_;
    int depth_;
    std::string only_name_;
    Packed member_;
    bool is_kept_ = true;
};

void ArchiveWalker::walk_library(std::string_view bytes, std::string_view name,
                                 ArchiveFormat format, int depth) {
    LibraryMembers members(*this, bytes, format, depth);
    if (is_compressed_stream(format)) members.set_only_name(name_inside(name));
    const std::string trouble = read_by_library(bytes, format, members);
    if (trouble.empty()) return;
    note(LibraryMembers::trouble_of(trouble),
         std::string(archive_name(format)).append(": ").append(trouble), name);
}

}  // namespace cordon
