// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/file_descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;
using test::memory_with;
using test::TemporaryDirectory;

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(UniqueFd, ClosesWhatItOwns) {
    int raw = -1;
    {
        const auto fd = memory_with("x");
        raw = fd.get();
        EXPECT_TRUE(is_open(raw));
    }
    EXPECT_FALSE(is_open(raw));
}

TEST(UniqueFd, PassesOwnershipOn) {
    auto a = memory_with("x");
    const int raw = a.get();
    UniqueFd b(std::move(a));
    UniqueFd c;
    c = std::move(b);
    EXPECT_EQ(c.get(), raw);
    EXPECT_TRUE(is_open(raw));
    const UniqueFd d(c.release());
    EXPECT_FALSE(c);
    EXPECT_TRUE(is_open(raw));
}

TEST(ReadAll, ReadsUpToItsLimit) {
    const auto fd = memory_with("12345");
    ::lseek(fd.get(), 0, SEEK_SET);
    EXPECT_EQ(read_all(fd.get(), 5).value(), "12345");
    ::lseek(fd.get(), 0, SEEK_SET);
    EXPECT_THAT(read_all(fd.get(), 4), FailsWith("larger than 4 bytes"));
}

TEST(ReadAll, ReadsMoreThanOneChunk) {
    const std::string large(200'000, 'x');
    const auto fd = memory_with(large);
    ::lseek(fd.get(), 0, SEEK_SET);
    EXPECT_EQ(read_all(fd.get(), large.size()).value(), large);
}

TEST(ReadFile, NamesTheFileInItsErrors) {
    const TemporaryDirectory folder;
    EXPECT_THAT(read_file(folder.file("none"), 10), FailsWith(folder.file("none: No such file")));
    EXPECT_THAT(read_file(folder.write("large", "0123456789x"), 10),
                FailsWith(folder.file("large: larger than")));
    EXPECT_THAT(read_file(folder.path(), 10), FailsWith(folder.path() + ": "));
}

TEST(WriteAll, ReportsAFullPipeThatNobodyReads) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    const UniqueFd read(ends[0]);
    const UniqueFd write(ends[1]);
    EXPECT_THAT(write_all(write.get(), std::string(1U << 20U, 'x')), FailsWith("write"));
}

TEST(ReplaceFile, WritesANewFileAndReplacesAnOldOne) {
    const TemporaryDirectory folder;
    const auto path = folder.file("f");
    ASSERT_THAT(replace_file(path, "old", 0600), IsOk());
    ASSERT_THAT(replace_file(path, "new", 0600), IsOk());
    EXPECT_EQ(read_file(path, 100).value(), "new");
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
}

TEST(ReplaceFile, LeavesTheOldFileAndNothingElseWhenItFails) {
    const TemporaryDirectory folder;
    folder.write("f/inside", "old");  // a folder can't be replaced
    EXPECT_THAT(replace_file(folder.file("f"), "new", 0600), FailsWith(folder.file("f")));
    EXPECT_EQ(read_file(folder.file("f/inside"), 100).value(), "old");
    EXPECT_FALSE(std::filesystem::exists(folder.file("f.new")));
}

TEST(Mapping, ShowsTheBytesOfAFile) {
    const auto fd = memory_with(std::string_view("a\0b", 3));
    const auto mapping = Mapping::of(fd.get());
    ASSERT_THAT(mapping, IsOk());
    EXPECT_EQ(mapping->bytes(), std::string_view("a\0b", 3));
}

TEST(Mapping, OfAnEmptyFileIsEmpty) {
    const auto fd = memory_with("");
    EXPECT_EQ(Mapping::of(fd.get())->bytes(), "");
}

TEST(Mapping, OutlivesTheDescriptor) {
    auto fd = memory_with("content");
    const auto mapping = Mapping::of(fd.get());
    fd.reset();
    EXPECT_EQ(mapping->bytes(), "content");
}

TEST(Mapping, FailsForWhatIsNoFile) {
    EXPECT_THAT(Mapping::of(-1), FailsWith("fstat"));
}

}  // namespace
}  // namespace cordon
