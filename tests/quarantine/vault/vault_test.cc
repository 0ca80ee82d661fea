// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/vault/vault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "conf/base/digest.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using namespace std::string_literals;
using test::a_held_message;
using test::FailsWith;
using test::IsOk;
using test::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint64_t kPlenty = 1U << 30U;

class VaultTest : public ::testing::Test {
 protected:
    std::string directory() const { return folder_.file("vault"); }

    std::unique_ptr<Vault> open(std::uint64_t max_bytes = kPlenty) const {
        auto vault = Vault::open(directory(), max_bytes);
        EXPECT_THAT(vault, IsOk());
        return vault ? std::move(*vault) : nullptr;
    }
    static Result<void> store(Vault& vault, const std::string& id, std::string_view original) {
        const auto fd = test::memory_with(original);
        auto message = a_held_message(id);
        return vault.store(message, fd.get());
    }
    std::vector<std::string> listed_ids(std::vector<std::string>* damaged = nullptr) const {
        std::vector<std::string> ignored;
        const auto list = list_held(directory(), damaged != nullptr ? *damaged : ignored);
        EXPECT_THAT(list, IsOk());
        std::vector<std::string> out;
        for (const auto& message : *list) out.push_back(message.id);
        return out;
    }

    TemporaryDirectory folder_;
};

TEST_F(VaultTest, ListsWhatItStored) {
    const auto vault = open();
    ASSERT_THAT(store(*vault, "67a1b2c3", "Subject: x\r\n\r\nbody"), IsOk());
    std::vector<std::string> damaged;
    EXPECT_THAT(listed_ids(&damaged), ElementsAre("67a1b2c3"));
    EXPECT_THAT(damaged, IsEmpty());
}

TEST_F(VaultTest, KeepsTheExactBytes) {
    const std::string original =
        "Subject: x\r\n\r\nNUL \0 bare \n bare \r 8-bit \xFF no final newline"s;
    const auto vault = open();
    ASSERT_THAT(store(*vault, "67a1b2c3", original), IsOk());
    const auto opened = open_held(directory(), "67a1b2c3");
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(opened->original, original);
    EXPECT_EQ(opened->message.size, original.size());
    EXPECT_EQ(opened->message.sha256, sha256_hex(original));
    EXPECT_EQ(opened->message.recipients.at(0).path, "<Alice@Example.org>");
}

TEST_F(VaultTest, KeepsAMessageWithoutBytes) {
    const auto vault = open();
    ASSERT_THAT(store(*vault, "67a1b2c3", ""), IsOk());
    EXPECT_EQ(open_held(directory(), "67a1b2c3")->original, "");
}

TEST_F(VaultTest, IsClosedToOtherUsers) {
    const auto vault = open();
    ASSERT_THAT(store(*vault, "67a1b2c3", "x"), IsOk());
    EXPECT_EQ(std::filesystem::status(directory()).permissions(), std::filesystem::perms(0700));
    EXPECT_EQ(std::filesystem::status(directory() + "/67a1b2c3.held").permissions(),
              std::filesystem::perms(0600));
}

TEST_F(VaultTest, ListsTheOldestFirst) {
    const auto vault = open();
    const auto fd = test::memory_with("x");
    for (const auto& [id, at] :
         {std::pair{"cccccccc", 3}, {"aaaaaaaa", 2}, {"bbbbbbbb", 1}, {"dddddddd", 2}}) {
        auto message = a_held_message(id);
        message.received_at = at;
        ASSERT_THAT(vault->store(message, fd.get()), IsOk());
    }
    EXPECT_THAT(listed_ids(), ElementsAre("bbbbbbbb", "aaaaaaaa", "dddddddd", "cccccccc"));
}

TEST_F(VaultTest, RemovesWhatAnInterruptedWriteLeft) {
    folder_.write("vault/67a1b2c3.part", "half a mess");
    open();
    EXPECT_FALSE(std::filesystem::exists(directory() + "/67a1b2c3.part"));
    EXPECT_THAT(listed_ids(), IsEmpty());
}

TEST_F(VaultTest, LeavesNothingBehindOfAnUnfinishedStore) {
    const auto vault = open();
    auto message = a_held_message("67a1b2c3");
    EXPECT_FALSE(vault->store(message, -1));
    EXPECT_TRUE(std::filesystem::is_empty(directory()));
    EXPECT_EQ(vault->used_bytes(), 0U);
}

TEST_F(VaultTest, CountsWhatItHolds) {
    {
        const auto vault = open();
        ASSERT_THAT(store(*vault, "67a1b2c3", std::string(1000, 'x')), IsOk());
        EXPECT_EQ(vault->used_bytes(), std::filesystem::file_size(directory() + "/67a1b2c3.held"));
    }
    EXPECT_EQ(open()->used_bytes(), std::filesystem::file_size(directory() + "/67a1b2c3.held"));
}

TEST_F(VaultTest, IsFullAtItsLimit) {
    const auto vault = open(2500);
    ASSERT_THAT(store(*vault, "67a1b2c3", std::string(1000, 'x')), IsOk());
    const auto used = vault->used_bytes();
    EXPECT_THAT(store(*vault, "77a1b2c3", std::string(2000, 'x')), FailsWith("is full"));
    EXPECT_THAT(store(*vault, "77a1b2c3", std::string(2000, 'x')),
                FailsWith("raise [quarantine] vault-max"));
    EXPECT_EQ(vault->used_bytes(), used) << "what was refused takes no room";
    EXPECT_THAT(listed_ids(), ElementsAre("67a1b2c3"));
    EXPECT_THAT(store(*vault, "77a1b2c3", "small"), IsOk());
}

TEST_F(VaultTest, RefusesIdsThatAreNotIds) {
    const auto vault = open();
    for (const char* id : {"", "../../67a1b2c3", "a/b/c/d/e", "67a1b2c3.held", "short"}) {
        EXPECT_THAT(store(*vault, id, "x"), FailsWith("invalid message id")) << id;
        EXPECT_THAT(open_held(directory(), id), FailsWith("is not an id")) << id;
    }
}

TEST_F(VaultTest, NeverOverwritesAHeldMessage) {
    const auto vault = open();
    ASSERT_THAT(store(*vault, "67a1b2c3", "first"), IsOk());
    const auto used = vault->used_bytes();
    EXPECT_THAT(store(*vault, "67a1b2c3", "second"), FailsWith("67a1b2c3"));
    EXPECT_EQ(open_held(directory(), "67a1b2c3")->original, "first");
    EXPECT_EQ(vault->used_bytes(), used);
}

TEST_F(VaultTest, LeavesAWriteInProgressAlone) {
    const auto vault = open();
    folder_.write("vault/67a1b2c3.part", "another thread's");
    EXPECT_FALSE(store(*vault, "67a1b2c3", "x"));
    EXPECT_TRUE(std::filesystem::exists(directory() + "/67a1b2c3.part"));
}

TEST_F(VaultTest, StoresFromSeveralThreads) {
    const auto vault = open();
    {
        std::vector<std::jthread> threads;
        for (char c = 'a'; c < 'e'; ++c)
            threads.emplace_back([&vault, c] {
                for (char d = '0'; d <= '9'; ++d)
                    EXPECT_THAT(store(*vault, std::string(8, c) + d, "x"), IsOk());
            });
    }
    EXPECT_THAT(listed_ids(), SizeIs(40));
    const auto used = vault->used_bytes();
    EXPECT_EQ(open()->used_bytes(), used);
}

TEST_F(VaultTest, NamesDamagedFilesAndListsTheOthers) {
    const auto vault = open();
    for (const char* id : {"aaaaaaaa", "bbbbbbbb", "cccccccc"})
        ASSERT_THAT(store(*vault, id, "original"), IsOk());
    const auto size = std::filesystem::file_size(directory() + "/aaaaaaaa.held");
    std::filesystem::resize_file(directory() + "/aaaaaaaa.held", size - 1);
    folder_.write("vault/dddddddd.held", "");
    folder_.write("vault/eeeeeeee.held", "CORDON-HELD 1\nid=eeeeeeee\n");
    folder_.write("vault/README", "not a held message");
    std::vector<std::string> damaged;
    EXPECT_THAT(listed_ids(&damaged), ElementsAre("bbbbbbbb", "cccccccc"));
    EXPECT_THAT(damaged, ::testing::UnorderedElementsAre(
                             HasSubstr("aaaaaaaa.held: the original is cut or grown"),
                             HasSubstr("dddddddd.held: not a held message"),
                             HasSubstr("eeeeeeee.held: the head of the held message is cut")));
}

TEST_F(VaultTest, FollowsNoLinks) {
    open();
    const auto elsewhere = folder_.write("secret", encode_head(a_held_message("67a1b2c3")));
    ASSERT_EQ(::symlink(elsewhere.c_str(), (directory() + "/67a1b2c3.held").c_str()), 0);
    EXPECT_FALSE(open_held(directory(), "67a1b2c3"));
}

TEST_F(VaultTest, NamesAMessageThatIsNotThere) {
    open();
    EXPECT_THAT(open_held(directory(), "67a1b2c3"), FailsWith("67a1b2c3.held: No such file"));
}

TEST_F(VaultTest, NamesAFolderItCannotUse) {
    folder_.write("vault", "a file");
    EXPECT_THAT(Vault::open(directory(), kPlenty), FailsWith("vault"));
    std::vector<std::string> damaged;
    EXPECT_THAT(list_held("/nonexistent/vault", damaged), FailsWith("/nonexistent/vault"));
    EXPECT_THAT(Vault::open("/nonexistent/vault", kPlenty),
                FailsWith("/nonexistent/vault: No such file"));
}

}  // namespace
}  // namespace cordon
