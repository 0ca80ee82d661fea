// SPDX-License-Identifier: GPL-2.0-only
// The I/O guard sees the failures of this program's libc calls, and only while it counts.
#include "scoring/scanner/io_guard.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "scoring/scanner/io_interpose.h"  // once in this program
#include "scoring/scanner/memory_interpose.h"

namespace cordon {
namespace {

TEST(IoGuard, IsLinkedInBeforeLibc) {
    EXPECT_TRUE(io_guard::is_active());
}

TEST(IoGuard, CountsAFailedOpenWithItsCause) {
    io_guard::begin();
    EXPECT_LT(::open("/nonexistent/file", O_CREAT | O_WRONLY, 0600), 0);
    const auto failures = io_guard::end();
    EXPECT_EQ(failures.io, 1U);
    EXPECT_EQ(failures.to_string(), "open: No such file or directory (1 failure)");
}

TEST(IoGuard, DoesNotMindTheAbsenceOfAFileToRead) {
    io_guard::begin();
    EXPECT_LT(::open("/nonexistent/file", O_RDONLY), 0);
    EXPECT_EQ(std::fopen("/nonexistent/file", "r"), nullptr);
    EXPECT_FALSE(io_guard::end().any());
}

TEST(IoGuard, CountsAFullDevice) {
    const int full = ::open("/dev/full", O_WRONLY);
    ASSERT_GE(full, 0);
    io_guard::begin();
    EXPECT_LT(::write(full, "x", 1), 0);
    const auto failures = io_guard::end();
    ::close(full);
    EXPECT_EQ(failures.io, 1U);
    EXPECT_EQ(failures.space, 1U);
}

TEST(IoGuard, CountsWhatAStreamCouldNotFlush) {
    FILE* const full = std::fopen("/dev/full", "w");
    ASSERT_NE(full, nullptr);
    io_guard::begin();
    std::fputs("buffered", full);
    EXPECT_NE(std::fclose(full), 0);
    EXPECT_GE(io_guard::end().io, 1U);
}

TEST(IoGuard, CountsARefusedFolder) {
    io_guard::begin();
    EXPECT_NE(::mkdir("/nonexistent/folder", 0700), 0);
    EXPECT_EQ(io_guard::end().io, 1U);
}

TEST(IoGuard, CountsAFolderThatCannotBeListed) {
    const auto path = ::testing::TempDir() + "file-" + std::to_string(::getpid());
    ::close(::open(path.c_str(), O_CREAT | O_WRONLY, 0600));
    io_guard::begin();
    EXPECT_EQ(::opendir(path.c_str()), nullptr);
    EXPECT_EQ(::opendir("/nonexistent/folder"), nullptr);  // mere absence
    EXPECT_EQ(io_guard::end().io, 1U);
    ::unlink(path.c_str());
}

TEST(IoGuard, CountsASeekAndAStatusThatFail) {
    io_guard::begin();
    EXPECT_LT(::lseek64(-1, 0, SEEK_SET), 0);
    struct stat64 info {};
    EXPECT_LT(::fstat64(-1, &info), 0);
    EXPECT_EQ(io_guard::end().io, 2U);
}

TEST(IoGuard, CountsAStreamThatCannotBeRead) {
    FILE* const folder = std::fopen("/", "r");
    ASSERT_NE(folder, nullptr);
    io_guard::begin();
    EXPECT_EQ(std::fgetc(folder), EOF);  // EISDIR
    EXPECT_GE(io_guard::end().io, 1U);
    std::fclose(folder);
}

TEST(IoGuard, CountsAReadThatEndsBeforeTheFileDoes) {
    const auto path = ::testing::TempDir() + "short-" + std::to_string(::getpid());
    const int fd = ::open(path.c_str(), O_CREAT | O_RDWR, 0600);
    ASSERT_EQ(::ftruncate(fd, 100), 0);
    io_guard::begin();
    io_guard::check_read("read", fd, 40, 100, 0);
    EXPECT_EQ(io_guard::end().io, 1U);
    io_guard::begin();
    io_guard::check_read("read", fd, 100, 4096, 0);  // that is all there is
    EXPECT_FALSE(io_guard::end().any());
    ::close(fd);
    ::unlink(path.c_str());
}

TEST(IoGuard, DoesNotMindAFolderThatIsNotEmptyYet) {
    const auto path = ::testing::TempDir() + "full-" + std::to_string(::getpid());
    ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
    ASSERT_EQ(::mkdir((path + "/inner").c_str(), 0700), 0);
    io_guard::begin();
    EXPECT_NE(::rmdir(path.c_str()), 0);
    EXPECT_FALSE(io_guard::end().any());
    ::rmdir((path + "/inner").c_str());
    ::rmdir(path.c_str());
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(IoGuard, CountsMemoryThatWasRefused) {
    const volatile std::size_t absurd = std::size_t{1} << 62U;
    io_guard::begin();
    EXPECT_EQ(std::malloc(absurd), nullptr);
    EXPECT_EQ(io_guard::end().memory, 1U);
}
#endif

TEST(IoGuard, IgnoresFailuresOutsideAScan) {
    io_guard::begin();
    static_cast<void>(io_guard::end());
    EXPECT_LT(::open("/nonexistent/file", O_CREAT | O_WRONLY, 0600), 0);
    io_guard::begin();
    EXPECT_FALSE(io_guard::end().any());
}

TEST(IoGuard, PassesOnWhatSucceeds) {
    const auto path = ::testing::TempDir() + "guarded";
    io_guard::begin();
    FILE* const file = std::fopen(path.c_str(), "w+");
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(std::fwrite("content", 1, 7, file), 7U);
    EXPECT_EQ(std::fclose(file), 0);
    const int fd = ::open(path.c_str(), O_RDONLY);
    std::string text(16, '\0');
    EXPECT_EQ(::read(fd, text.data(), text.size()), 7);
    ::close(fd);
    EXPECT_FALSE(io_guard::end().any());
    ::unlink(path.c_str());
}

}  // namespace
}  // namespace cordon
