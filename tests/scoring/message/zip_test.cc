// SPDX-License-Identifier: GPL-2.0-only
// Zip archives that programs read differently: every member of every reading is listed, and the
// difference is told.
#include "scoring/message/zip.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/zip_builder.h"

namespace cordon {
namespace {

using test::zip_member;
using test::ZipTestArchive;
using test::ZipTestMember;

constexpr std::size_t kLimit = 1000;

bool lists(const ZipListing& listing, std::string_view name) {
    return std::any_of(listing.entries.begin(), listing.entries.end(),
                       [name](const ZipEntry& entry) { return entry.name == name; });
}

ZipListing list(const ZipTestArchive& archive) {
    return list_zip(archive.build(), kLimit, true);
}

ZipTestArchive two_members() {
    ZipTestArchive archive;
    archive.members = {zip_member("a.txt", "hello"), zip_member("b.txt", "world", false)};
    return archive;
}

TEST(ListZip, FindsNothingOddInARightArchive) {
    const std::string bytes = two_members().build();
    const ZipListing listing = list_zip(bytes, kLimit, true);
    EXPECT_EQ(listing.entries.size(), 2U);
    EXPECT_TRUE(listing.conflicts.empty()) << listing.conflicts.front();
    EXPECT_EQ(listing.damage, "");
    EXPECT_FALSE(listing.over_limit);
    EXPECT_TRUE(ends_like_zip(bytes));
}

TEST(ListZip, TakesDescriptorsBehindTheDataForNothingOdd) {
    ZipTestArchive archive = two_members();
    ZipTestMember& member = archive.members[0];
    member.local.flags = member.central.flags = 8;
    member.local.crc = member.local.packed = member.local.size = 0;
    member.behind = std::string("PK\7\x08", 4) + std::string(12, '\1');
    const ZipListing listing = list(archive);
    EXPECT_EQ(listing.entries.size(), 2U);
    EXPECT_TRUE(listing.conflicts.empty()) << listing.conflicts.front();
}

TEST(ListZip, TakesAStoredArchiveInsideForOneMember) {
    ZipTestArchive outer;
    outer.members = {zip_member("inner.zip", two_members().build(), false)};
    const ZipListing listing = list(outer);
    EXPECT_EQ(listing.entries.size(), 1U);
    EXPECT_TRUE(listing.conflicts.empty()) << listing.conflicts.front();
}

TEST(ListZip, TakesOtherLettersInALocalNameForNothingOdd) {
    ZipTestArchive archive = two_members();
    archive.members[0].local.name = "\x81 folder\\a.txt";
    archive.members[0].central.name = "\xc3\xbc folder/a.txt";
    EXPECT_TRUE(list(archive).conflicts.empty());
}

struct Case {
    const char* name;
    ZipTestArchive archive;
    const char* conflict;  // its first words
    const char* listed = "b.txt";
};

template <typename Change>
ZipTestArchive changed(Change change) {
    ZipTestArchive archive = two_members();
    change(archive);
    return archive;
}

std::string whole_archive(std::string name) {
    ZipTestArchive archive;
    archive.members = {zip_member(std::move(name), "other")};
    return archive.build();
}

class AmbiguousZip : public testing::TestWithParam<Case> {};

TEST_P(AmbiguousZip, IsToldAndListedInEveryReading) {
    const std::string bytes = GetParam().archive.build();
    const ZipListing listing = list_zip(bytes, kLimit, true);
    EXPECT_TRUE(std::any_of(
        listing.conflicts.begin(), listing.conflicts.end(),
        [](const std::string& conflict) { return conflict.starts_with(GetParam().conflict); }))
        << (listing.conflicts.empty() ? "nothing" : listing.conflicts.front());
    EXPECT_TRUE(lists(listing, GetParam().listed));
    EXPECT_TRUE(lists(listing, "a.txt"));
}

INSTANTIATE_TEST_SUITE_P(
    Zip, AmbiguousZip,
    testing::Values(
        Case{"OtherLocalName", changed([](auto& a) { a.members[1].local.name = "b.exe"; }),
             "two names", "b.exe"},
        Case{"OtherLocalMethod", changed([](auto& a) { a.members[1].local.method = 8; }),
             "two methods"},
        Case{"EncryptedInTheDirectoryOnly",
             changed([](auto& a) { a.members[1].central.flags = 1; }), "encrypted by one"},
        Case{"EncryptedInTheLocalHeaderOnly",
             changed([](auto& a) { a.members[1].local.flags = 1; }), "encrypted by one"},
        Case{"LocalSizeOfAllOnes", changed([](auto& a) { a.members[1].local.packed = 0xffffffff; }),
             "two sizes"},
        Case{"LocalSizeOfNothing", changed([](auto& a) { a.members[1].local.packed = 0; }),
             "two sizes"},
        Case{"OtherUnpackedSize", changed([](auto& a) { a.members[1].local.size = 1; }),
             "two sizes"},
        Case{"MemberOutsideTheDirectory", changed([](auto& a) { a.members[1].is_listed = false; }),
             "a member that no"},
        Case{"MoreMembersThanClaimed", changed([](auto& a) { a.claimed_members = 1; }),
             "another number"},
        Case{"FewerMembersThanClaimed", changed([](auto& a) { a.claimed_members = 3; }),
             "another number"},
        Case{"DataInFront", changed([](auto& a) { a.prefix = "GIF89a and so on"; }), "other data"},
        Case{"ArchiveInFront", changed([](auto& a) { a.prefix = whole_archive("c.txt"); }), "",
             "c.txt"},
        Case{"ArchiveInTheComment", changed([](auto& a) { a.comment = whole_archive("c.txt"); }),
             "", "c.txt"},
        Case{"ArchiveBetweenDataAndDirectory",
             changed([](auto& a) { a.before_directory = whole_archive("c.txt"); }), "", "c.txt"},
        Case{"StoredArchiveOfUnknownSize", changed([](auto& a) {
                 a.members[1] = zip_member("b.txt", whole_archive("c.txt"), false);
                 a.members[1].local.flags = a.members[1].central.flags = 8;
                 a.members[1].local.packed = a.members[1].local.size = 0;
             }),
             "a stored archive", "c.txt"}),
    [](const auto& test) { return test.param.name; });

TEST(ListZip, SeesMembersThatOverlap) {
    const ZipTestArchive archive = two_members();
    std::string bytes = zip_local(archive.members[0]);
    const std::size_t second = bytes.size();
    bytes += zip_local(archive.members[1]);
    auto members = archive.members;
    members[0].central.packed += 20;
    const std::string directory = test::zip_directory(members, {0, second});
    const std::size_t begin = bytes.size();
    bytes += directory + test::zip_end(2, directory.size(), begin);
    const auto conflicts = list_zip(bytes, kLimit, true).conflicts;
    EXPECT_NE(std::find(conflicts.begin(), conflicts.end(), "two sizes for one member: a.txt"),
              conflicts.end());
}

TEST(ListZip, TellsAnEndRecordThatLeadsNowhere) {
    const std::string bytes = two_members().build() + test::zip_end(1, 46, 0);
    const ZipListing listing = list_zip(bytes, kLimit, true);
    EXPECT_EQ(listing.entries.size(), 2U);
    ASSERT_FALSE(listing.conflicts.empty());
    EXPECT_EQ(listing.conflicts[0], "an end record without a directory");
}

TEST(ListZip, TellsADirectoryThatIsNotWhereItIsDeclared) {
    std::string bytes = two_members().build();
    bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] + 7);
    ASSERT_FALSE(list_zip(bytes, kLimit, true).conflicts.empty());
}

TEST(ListZip, FindsMembersWithoutADirectory) {
    const std::string whole = two_members().build();
    const std::string cut = whole.substr(0, whole.find("PK\1\2"));
    const ZipListing listing = list_zip(cut, kLimit, true);
    EXPECT_TRUE(lists(listing, "a.txt") && lists(listing, "b.txt"));
    EXPECT_EQ(listing.damage, "no directory");
}

TEST(ListZip, SaysThatAMemberIsCutOff) {
    ZipTestArchive archive = two_members();
    archive.members[1].local.packed = archive.members[1].central.packed = 4000;
    EXPECT_EQ(list(archive).damage, "cut off: b.txt");
}

TEST(ListZip, ReadsZip64Records) {
    ZipTestArchive archive = two_members();
    ZipTestMember& member = archive.members[1];
    std::string numbers(16, '\0');
    numbers[0] = numbers[8] = static_cast<char>(member.data.size());
    member.central.extra = member.local.extra = std::string("\1\0\x10\0", 4) + numbers;
    member.central.packed = member.central.size = 0xffffffff;
    member.local.packed = member.local.size = 0xffffffff;
    const std::string bytes = archive.build();
    const ZipListing listing = list_zip(bytes, kLimit, true);
    ASSERT_EQ(listing.entries.size(), 2U);
    EXPECT_EQ(listing.entries[1].packed, member.data.size());
    EXPECT_TRUE(listing.uses_zip64);
    EXPECT_TRUE(listing.conflicts.empty()) << listing.conflicts.front();
}

TEST(ListZip, StopsAtItsLimit) {
    ZipTestArchive archive;
    for (int i = 0; i < 20; ++i)
        archive.members.push_back(zip_member("file " + std::to_string(i), "x"));
    const std::string bytes = archive.build();
    const ZipListing listing = list_zip(bytes, 5, true);
    EXPECT_TRUE(listing.over_limit);
    EXPECT_EQ(listing.entries.size(), 5U);
}

TEST(ListZip, BearsNonsense) {
    const std::string end("PK\5\6\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0", 22);
    EXPECT_NE(list_zip(end, 10, true).damage, "");
    EXPECT_NE(list_zip("PK\3\4", 10, true).damage, "");
    EXPECT_TRUE(list_zip("", 10, false).entries.empty());
    EXPECT_FALSE(ends_like_zip(end));
}

}  // namespace
}  // namespace cordon
