// SPDX-License-Identifier: GPL-2.0-only
// Walking through archives: nothing is lost silently, nothing costs more than it may.
#include "scoring/message/archive_walker.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <map>

#include "conf/base/owned.h"
#include "scoring/message/archive_library.h"
#include "tests/support/zip_builder.h"

namespace cordon {
namespace {

using test::zip_member;
using test::ZipTestArchive;
using Writer = Owned<archive, archive_write_free>;

struct Seen {
    std::map<std::string, std::string> files;  // name to the bytes that were shown
    std::vector<std::string> own_scans;
    std::vector<ArchiveNote> notes;
    bool is_bomb = false;

    bool has(ArchiveTrouble trouble) const {
        return std::any_of(notes.begin(), notes.end(),
                           [trouble](const ArchiveNote& note) { return note.trouble == trouble; });
    }
};

Seen walk(std::string_view bytes, std::string_view name, const Limits& limits = {},
          ArchiveEffort effort = ArchiveEffort::full) {
    Seen seen;
    ArchiveWalker walker(limits, effort, [&seen](const ArchiveMember& member) {
        seen.files[member.name] = member.bytes;
        if (member.needs_own_scan) seen.own_scans.emplace_back(member.bytes);
    });
    seen.is_bomb = walker.walk(bytes, name);
    seen.notes = walker.notes();
    return seen;
}

bool is_scanned(const Seen& seen, std::string_view content) {
    return std::find(seen.own_scans.begin(), seen.own_scans.end(), content) != seen.own_scans.end();
}

std::string zip_of(std::string name, std::string_view content) {
    ZipTestArchive archive;
    archive.members = {zip_member(std::move(name), content)};
    return archive.build();
}

/// One file in an archive of another format, written by libarchive.
std::string written(int (*format)(archive*), int (*filter)(archive*), std::string_view content) {
    std::string out(content.size() * 2 + 4'000'000, '\0');
    std::size_t used = 0;
    const Writer writer(::archive_write_new());
    format(writer.get());
    if (filter != nullptr) filter(writer.get());
    ::archive_write_set_bytes_in_last_block(writer.get(), 1);
    EXPECT_EQ(::archive_write_open_memory(writer.get(), out.data(), out.size(), &used), ARCHIVE_OK);
    const Owned<archive_entry, archive_entry_free> entry(::archive_entry_new());
    ::archive_entry_set_pathname(entry.get(), "inner.txt");
    ::archive_entry_set_filetype(entry.get(), AE_IFREG);
    ::archive_entry_set_perm(entry.get(), 0644);
    ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    EXPECT_EQ(::archive_write_header(writer.get(), entry.get()), ARCHIVE_OK);
    ::archive_write_data(writer.get(), content.data(), content.size());
    EXPECT_EQ(::archive_write_close(writer.get()), ARCHIVE_OK);
    return out.substr(0, used);
}

struct Format {
    const char* name;
    int (*format)(archive*);
    int (*filter)(archive*);
    const char* file;  // its name inside
};

class ArchiveFormats : public testing::TestWithParam<Format> {};

TEST_P(ArchiveFormats, ShowTheirFiles) {
    prepare_archive_library();
    const std::string content(3000, 'z');
    const auto seen =
        walk(written(GetParam().format, GetParam().filter, content), "inner.txt.packed");
    EXPECT_TRUE(seen.notes.empty()) << seen.notes[0].detail;
    ASSERT_TRUE(seen.files.contains(GetParam().file));
    EXPECT_EQ(seen.files.at(GetParam().file), content);
}

INSTANTIATE_TEST_SUITE_P(
    Written, ArchiveFormats,
    testing::Values(
        Format{"SevenZip", archive_write_set_format_7zip, nullptr, "inner.txt"},
        Format{"Tar", archive_write_set_format_ustar, nullptr, "inner.txt"},
        Format{"TarGz", archive_write_set_format_ustar, archive_write_add_filter_gzip, "inner.txt"},
        Format{"TarXz", archive_write_set_format_ustar, archive_write_add_filter_xz, "inner.txt"},
        Format{"TarZstd", archive_write_set_format_ustar, archive_write_add_filter_zstd,
               "inner.txt"},
        Format{"CpioOdc", archive_write_set_format_cpio, nullptr, "inner.txt"},
        Format{"CpioNewc", archive_write_set_format_cpio_newc, nullptr, "inner.txt"},
        Format{"Iso", archive_write_set_format_iso9660, nullptr, "inner.txt"},
        Format{"Ar", archive_write_set_format_ar_svr4, nullptr, "inner.txt"},
        Format{"Gzip", archive_write_set_format_raw, archive_write_add_filter_gzip, "inner.txt"},
        Format{"Bzip2", archive_write_set_format_raw, archive_write_add_filter_bzip2, "inner.txt"},
        Format{"Xz", archive_write_set_format_raw, archive_write_add_filter_xz, "inner.txt"},
        Format{"Lzma", archive_write_set_format_raw, archive_write_add_filter_lzma, "inner.txt"},
        Format{"Lzip", archive_write_set_format_raw, archive_write_add_filter_lzip, "inner.txt"},
        Format{"Zstd", archive_write_set_format_raw, archive_write_add_filter_zstd, "inner.txt"},
        Format{"Lz4", archive_write_set_format_raw, archive_write_add_filter_lz4, "inner.txt"},
        Format{"Compress", archive_write_set_format_raw, archive_write_add_filter_compress,
               "inner.txt"}),
    [](const auto& test) { return test.param.name; });

TEST(ArchiveWalker, LeavesARightZipToOthersButLooksIntoArchivesInside) {
    const auto seen = walk(zip_of("inner.zip", zip_of("a.txt", "hello")), "outer.zip");
    EXPECT_TRUE(seen.notes.empty());
    EXPECT_EQ(seen.files.at("a.txt"), "hello");
    EXPECT_TRUE(seen.own_scans.empty());
}

TEST(ArchiveWalker, WantsEveryReadingOfAnAmbiguousZipScanned) {
    ZipTestArchive archive;
    archive.members = {zip_member("a.txt", "hello"), zip_member("b.exe", "payload")};
    archive.members[1].is_listed = false;
    const auto seen = walk(archive.build(), "a.zip");
    EXPECT_TRUE(seen.has(ArchiveTrouble::conflict));
    EXPECT_TRUE(is_scanned(seen, "payload"));
}

TEST(ArchiveWalker, SeesThatAMemberUnpacksToMoreThanDeclared) {
    ZipTestArchive archive;
    archive.members = {zip_member("a.txt", "payload and more")};
    archive.members[0].local.size = archive.members[0].central.size = 7;
    const auto seen = walk(archive.build(), "a.zip");
    EXPECT_TRUE(seen.has(ArchiveTrouble::conflict));
    EXPECT_TRUE(is_scanned(seen, "payload"));
    EXPECT_TRUE(is_scanned(seen, "payload and more"));
}

TEST(ArchiveWalker, ReadsOnBehindADeclaredEndThatCutsTheStream) {
    ZipTestArchive archive;
    archive.members = {zip_member("a.txt", "payload and more")};
    archive.members[0].local.packed = archive.members[0].central.packed = 5;
    const auto seen = walk(archive.build(), "a.zip");
    EXPECT_TRUE(seen.has(ArchiveTrouble::conflict));
    EXPECT_TRUE(is_scanned(seen, "payload and more"));
}

TEST(ArchiveWalker, FindsAMemberBehindTheEndOfAnother) {
    ZipTestArchive archive;
    archive.members = {zip_member("a.txt", "hello")};
    auto& member = archive.members[0];
    member.data += zip_local(zip_member("b.exe", "payload"));
    member.local.packed = member.central.packed = static_cast<std::uint32_t>(member.data.size());
    const auto seen = walk(archive.build(), "a.zip");
    EXPECT_TRUE(seen.has(ArchiveTrouble::conflict));
    EXPECT_TRUE(is_scanned(seen, "payload"));
}

TEST(ArchiveWalker, ReadsAnArchiveBehindAPicture) {
    ZipTestArchive archive;
    archive.members = {zip_member("a.txt", "payload")};
    archive.prefix = "GIF89a";
    const auto seen = walk(archive.build(), "picture.gif");
    EXPECT_TRUE(seen.has(ArchiveTrouble::conflict));
    EXPECT_TRUE(is_scanned(seen, "payload"));
}

TEST(ArchiveWalker, TellsWhatItCannotOpen) {
    EXPECT_TRUE(walk("1234567**ACE**", "a.ace").has(ArchiveTrouble::unopened));
    EXPECT_TRUE(walk(std::string("Rar!\x1a\7\0junk", 11), "a.rar").has(ArchiveTrouble::damaged));
    ZipTestArchive archive;
    archive.members = {zip_member("a.txt", "hello", false)};
    archive.members[0].local.method = archive.members[0].central.method = 97;
    EXPECT_TRUE(walk(archive.build(), "a.zip").has(ArchiveTrouble::unopened));
}

TEST(ArchiveWalker, TellsDamageInsideAMember) {
    ZipTestArchive archive;
    archive.members = {zip_member("a.txt", std::string(1000, 'a') + "b")};
    archive.members[0].data[3] = '\xff';
    EXPECT_FALSE(walk(archive.build(), "a.zip").notes.empty());
}

TEST(ArchiveWalker, TellsAPasswordAndShowsTheName) {
    ZipTestArchive archive;
    archive.members = {zip_member("a.exe", "secret", false)};
    archive.members[0].local.flags = archive.members[0].central.flags = 1;
    archive.members[0].data = "\x93\x11\x57\xa2\xe8\x04";  // what a cipher made of it
    const auto seen = walk(archive.build(), "a.zip");
    EXPECT_TRUE(seen.has(ArchiveTrouble::encrypted));
    EXPECT_FALSE(seen.has(ArchiveTrouble::conflict));
    EXPECT_TRUE(seen.files.contains("a.exe"));
}

// Some programs pass over the mark.
TEST(ArchiveWalker, ReadsWhatIsOnlyMarkedAsEncrypted) {
    for (const bool is_deflated : {false, true}) {
        ZipTestArchive archive;
        archive.members = {zip_member("a.exe", "secret", is_deflated)};
        archive.members[0].local.flags = archive.members[0].central.flags = 1;
        const auto seen = walk(archive.build(), "a.zip");
        EXPECT_TRUE(seen.has(ArchiveTrouble::encrypted));
        EXPECT_TRUE(seen.has(ArchiveTrouble::conflict));
        EXPECT_TRUE(is_scanned(seen, "secret"));
    }
}

TEST(ArchiveWalker, CountsWhatItTriesInSpiteOfTheMark) {
    ZipTestArchive archive;
    auto member = zip_member("a", std::string(1U << 20U, '\0'));
    member.local.flags = member.central.flags = 1;
    member.local.crc = member.central.crc = 7;
    archive.members.assign(80, member);
    EXPECT_TRUE(walk(archive.build(), "a.zip").is_bomb);
}

TEST(ArchiveWalker, StopsAtABombOfAnyKind) {
    const std::string zeros(40U << 20U, '\0');
    EXPECT_TRUE(walk(zip_of("a", zeros), "a.zip").is_bomb);
    for (auto* const filter : {archive_write_add_filter_gzip, archive_write_add_filter_bzip2,
                               archive_write_add_filter_zstd}) {
        EXPECT_TRUE(walk(written(archive_write_set_format_raw, filter, zeros), "a.gz").is_bomb);
    }
}

TEST(ArchiveWalker, StopsAtMembersDepthAndBytesBeyondItsLimits) {
    Limits limits;
    limits.archive_depth = 3;
    std::string deep = zip_of("a.txt", "hello");
    for (int i = 0; i < 5; ++i) deep = zip_of("a.zip", deep);
    EXPECT_TRUE(walk(deep, "a.zip", limits).has(ArchiveTrouble::limit));
    limits.archive_members = 2;
    ZipTestArchive many;
    for (int i = 0; i < 5; ++i) many.members.push_back(zip_member(std::to_string(i), "x"));
    EXPECT_TRUE(walk(many.build(), "a.zip", limits).has(ArchiveTrouble::limit));
    limits.archive_bytes = 100;
    EXPECT_TRUE(walk(zip_of("a", std::string(500, 'a')), "a.zip", limits).is_bomb);
}

TEST(ArchiveWalker, TellsWhenItSpentAllToTheLastByte) {
    Limits limits;
    limits.archive_bytes = 20;
    ZipTestArchive many;
    for (int i = 0; i < 5; ++i) many.members.push_back(zip_member(std::to_string(i), "0123456789"));
    EXPECT_TRUE(walk(many.build(), "a.zip", limits).is_bomb);
}

TEST(ArchiveWalker, FindsNothingWrongWithACompressedFileThatIsEmpty) {
    const auto seen =
        walk(written(archive_write_set_format_raw, archive_write_add_filter_gzip, ""), "a.gz");
    EXPECT_TRUE(seen.notes.empty()) << seen.notes[0].detail;
}

TEST(ArchiveWalker, TellsACompressedFileThatBreaksOffInItsFirstPiece) {
    for (auto* const filter :
         {archive_write_add_filter_gzip, archive_write_add_filter_bzip2,
          archive_write_add_filter_xz, archive_write_add_filter_lzma, archive_write_add_filter_zstd,
          archive_write_add_filter_lz4, archive_write_add_filter_lzip}) {
        const std::string whole = written(archive_write_set_format_raw, filter, "a short text");
        for (const std::size_t kept : {whole.size() - 10, whole.size() / 2})
            EXPECT_FALSE(walk(whole.substr(0, kept), "a.packed").notes.empty())
                << archive_name(archive_format_of(whole)) << " of " << kept;
    }
}

TEST(ArchiveWalker, ReadsAGzipOnBehindZeroBytes) {
    const auto gzip = [](std::string_view content) {
        return written(archive_write_set_format_raw, archive_write_add_filter_gzip, content);
    };
    for (const std::size_t zeros : {1U, 4U, 512U, 100'000U}) {
        const std::string padding(zeros, '\0');
        for (const std::string_view first : {"nothing", ""}) {
            const auto seen = walk(
                gzip(first) + padding + gzip("") + padding + gzip("a virus") + padding, "a.gz");
            EXPECT_TRUE(is_scanned(seen, "a virus")) << zeros;
            EXPECT_TRUE(seen.notes.empty()) << seen.notes[0].detail;
        }
    }
}

TEST(ArchiveWalker, TellsOfAGzipInMorePiecesThanAreRead) {
    const std::string piece =
        written(archive_write_set_format_raw, archive_write_add_filter_gzip, "") + '\0';
    std::string pieces;
    for (int i = 0; i < 2000; ++i) pieces += piece;
    EXPECT_TRUE(walk(pieces, "a.gz").has(ArchiveTrouble::damaged));
}

TEST(ArchiveWalker, ReadsAGzipWhoseTrailerIsCutOffAndTellsIt) {
    for (const std::size_t size : {12U, 300'000U}) {
        const std::string content(size, 'a');
        const std::string whole =
            written(archive_write_set_format_raw, archive_write_add_filter_gzip, content);
        for (const std::size_t missing : {1U, 7U, 8U}) {
            const auto seen = walk(whole.substr(0, whole.size() - missing), "a.txt.gz");
            EXPECT_TRUE(seen.has(ArchiveTrouble::damaged)) << size << ' ' << missing;
            EXPECT_TRUE(size > 64U << 10U || is_scanned(seen, content)) << missing;
        }
    }
}

TEST(ArchiveWalker, TellsARarArchiveWithoutAnyFile) {
    EXPECT_TRUE(walk(std::string("Rar!\x1a\7\1\0", 8), "a.rar").has(ArchiveTrouble::damaged));
    EXPECT_TRUE(walk(std::string("Rar!\x1a\7\1\0\x08\x36\x85\x76\x94\x6f", 14), "a.rar")
                    .has(ArchiveTrouble::damaged));
}

TEST(ArchiveWalker, ReadsOnlyTheFirstBytesForASurvey) {
    const std::string large(100'000, 'a');
    const auto seen = walk(zip_of("a.txt", large), "a.zip", {}, ArchiveEffort::survey);
    EXPECT_EQ(seen.files.at("a.txt").size(), 4096U);
}

TEST(ArchiveWalker, TakesNoTextForAnArchive) {
    for (const char* text : {"BZh is how this begins", "070701 is a number", "07070701 another",
                             "LZIP is a word", "-lh5- too", "PK", ""}) {
        EXPECT_FALSE(may_be_archive(text, "a.txt")) << text;
    }
}

}  // namespace
}  // namespace cordon
