// SPDX-License-Identifier: GPL-2.0-only
#include "milter/message_buffer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "conf/base/ipc.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;
using test::TemporaryDirectory;

constexpr std::uint64_t kPlenty = 1U << 30U;

std::string content(int fd) {
    return std::string(Mapping::of(fd).value().bytes());
}

/// Bytes whose place in the message can be recognised.
std::string numbered(std::size_t size) {
    std::string out;
    for (int i = 0; out.size() < size; ++i) out += std::to_string(i) + ' ';
    return out.substr(0, size);
}

TEST(MessageBuffer, GivesTheAppendedBytesSealed) {
    const TemporaryDirectory folder;
    MemoryBudget budget(kPlenty);
    MessageBuffer buffer(budget, folder.path());
    buffer.append("Subject: x\r\n");
    buffer.append("\r\n");
    EXPECT_EQ(buffer.size(), 14U);
    const auto fd = buffer.finish();
    ASSERT_THAT(fd, IsOk());
    EXPECT_EQ(content(*fd), "Subject: x\r\n\r\n");
    EXPECT_TRUE(is_sealed(*fd));
}

TEST(MessageBuffer, GivesAnEmptyMessageToo) {
    const TemporaryDirectory folder;
    MemoryBudget budget(kPlenty);
    MessageBuffer buffer(budget, folder.path());
    const auto fd = buffer.finish();
    ASSERT_THAT(fd, IsOk());
    EXPECT_EQ(content(*fd), "");
}

TEST(MessageBuffer, StaysExactOverManyChunks) {
    const TemporaryDirectory folder;
    MemoryBudget budget(kPlenty);
    MessageBuffer buffer(budget, folder.path());
    const auto all = numbered(1'000'003);
    for (std::size_t i = 0; i < all.size(); i += 65'535) buffer.append(all.substr(i, 65'535));
    EXPECT_EQ(content(buffer.finish().value()), all);
}

TEST(MessageBuffer, MovesToAFileWhenTheBudgetRunsOutInTheMiddle) {
    const TemporaryDirectory folder;
    MemoryBudget budget(600'000);
    MessageBuffer buffer(budget, folder.path());
    const auto all = numbered(2'000'000);
    for (std::size_t i = 0; i < all.size(); i += 100'000) buffer.append(all.substr(i, 100'000));
    const auto fd = buffer.finish();
    ASSERT_THAT(fd, IsOk());
    EXPECT_EQ(content(*fd), all);
    EXPECT_EQ(::fcntl(*fd, F_GETFL) & O_ACCMODE, O_RDONLY) << "a worker can't change it";
    EXPECT_LT(::write(*fd, "x", 1), 0);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "the file has no name";
}

TEST(MessageBuffer, UsesAFileAtOnceWithoutAnyBudget) {
    const TemporaryDirectory folder;
    MemoryBudget budget(0);
    MessageBuffer buffer(budget, folder.path());
    buffer.append("text");
    const auto fd = buffer.finish();
    ASSERT_THAT(fd, IsOk());
    EXPECT_EQ(content(*fd), "text");
}

TEST(MessageBuffer, GivesItsShareOfTheBudgetBack) {
    const TemporaryDirectory folder;
    MemoryBudget budget(1000);
    {
        MessageBuffer buffer(budget, folder.path());
        buffer.append(std::string(1000, 'x'));
        ASSERT_THAT(buffer.finish(), IsOk());
        EXPECT_FALSE(budget.take(1));
    }
    EXPECT_TRUE(budget.take(1000));
}

TEST(MessageBuffer, GivesTheBudgetBackWhenItMovesToAFile) {
    const TemporaryDirectory folder;
    MemoryBudget budget(300'000);
    MessageBuffer buffer(budget, folder.path());
    buffer.append(std::string(280'000, 'x'));
    EXPECT_FALSE(budget.take(280'000)) << "in use";
    buffer.append(std::string(280'000, 'x'));
    EXPECT_TRUE(budget.take(300'000)) << "the message lies in a file now";
    budget.give_back(300'000);
}

TEST(MessageBuffer, TellsAtTheEndThatItCouldNotSpool) {
    const std::string nowhere = "/nonexistent";
    MemoryBudget budget(10);
    MessageBuffer buffer(budget, nowhere);
    buffer.append(std::string(1'000'000, 'x'));
    buffer.append(std::string(1'000'000, 'x'));
    EXPECT_EQ(buffer.size(), 2'000'000U);
    EXPECT_THAT(buffer.finish(), FailsWith("spooling a message to /nonexistent: No such file"));
}

TEST(MemoryBudget, RefusesWhatItDoesNotHave) {
    MemoryBudget budget(10);
    EXPECT_TRUE(budget.take(10));
    EXPECT_FALSE(budget.take(1));
    budget.give_back(1);
    EXPECT_TRUE(budget.take(1));
}

}  // namespace
}  // namespace cordon
