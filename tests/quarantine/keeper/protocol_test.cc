// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/keeper/protocol.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "conf/base/ipc.h"
#include "tests/support/builders.h"
#include "tests/support/fake_roles.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::a_held_message;
using test::FailsWith;
using test::FakeKeeper;
using test::IsOk;
using test::RecordServer;
using test::TemporaryDirectory;

constexpr Milliseconds kLong(10'000);

TEST(HoldRequest, ReadsBackWhatWasWritten) {
    const auto message = a_held_message("67a1b2c3");
    const auto again = decode_hold(encode_hold(message));
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(encode_head(*again), encode_head(message));
}

TEST(HoldRequest, OfAnotherVersionIsRefusedByName) {
    auto record = encode_hold(a_held_message("67a1b2c3"));
    record[0] = 9;
    EXPECT_THAT(decode_hold(record), FailsWith("version 9 asked, this is 1: restart Cordon"));
}

TEST(HoldRequest, ThatIsMalformedIsRefused) {
    const auto record = encode_hold(a_held_message("67a1b2c3"));
    for (std::size_t size = 1; size < record.size(); ++size)
        EXPECT_FALSE(decode_hold(record.substr(0, size))) << size;
    EXPECT_FALSE(decode_hold(""));
    EXPECT_THAT(decode_hold(record + "x"), FailsWith("malformed request"));
    auto other_kind = record;
    other_kind[1] = 7;
    EXPECT_THAT(decode_hold(other_kind), FailsWith("malformed request"));
    EXPECT_THAT(decode_hold(encode_hold(a_held_message("../x"))), FailsWith("no valid id"));
}

TEST(HoldAnswer, CarriesSuccessAndFailure) {
    EXPECT_THAT(decode_answer(encode_answer({})), IsOk());
    EXPECT_THAT(decode_answer(encode_answer(fail("the vault is full"))),
                FailsWith("the vault is full"));
}

TEST(HoldAnswer, ThatIsMalformedIsNoSuccess) {
    const auto good = encode_answer({});
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(decode_answer(good.substr(0, size))) << size;
    EXPECT_THAT(decode_answer(good + "x"), FailsWith("malformed answer"));
    auto other_version = good;
    other_version[0] = 2;
    EXPECT_THAT(decode_answer(other_version), FailsWith("malformed answer"));
    auto odd_status = good;
    odd_status[1] = 2;
    EXPECT_FALSE(decode_answer(odd_status));
}

Result<void> hold(const std::string& socket, const HeldMessage& message,
                  Milliseconds time = kLong) {
    const auto fd = test::memory_with("Subject: x\r\n\r\n");
    return keeper_hold(socket, message, fd.get(), Deadline::in(time));
}

TEST(KeeperHold, HandsOverMessageAndOriginal) {
    const TemporaryDirectory folder;
    FakeKeeper keeper(folder.file("keeper.sock"));
    ASSERT_THAT(hold(folder.file("keeper.sock"), a_held_message("67a1b2c3")), IsOk());
    EXPECT_EQ(keeper.held().at(0).message.id, "67a1b2c3");
    EXPECT_EQ(keeper.held().at(0).original, "Subject: x\r\n\r\n");
}

TEST(KeeperHold, TellsWhatTheKeeperSays) {
    const TemporaryDirectory folder;
    FakeKeeper keeper(folder.file("keeper.sock"));
    keeper.refuse_with("the vault is full");
    EXPECT_THAT(hold(folder.file("keeper.sock"), a_held_message("67a1b2c3")),
                FailsWith("the vault is full"));
}

TEST(KeeperHold, FailsWithoutAKeeper) {
    EXPECT_THAT(hold("/nonexistent/keeper.sock", a_held_message("67a1b2c3")),
                FailsWith("the keeper does not answer"));
}

TEST(KeeperHold, FailsWhenTheKeeperClosesWithoutAnAnswer) {
    const TemporaryDirectory folder;
    const RecordServer keeper(folder.file("keeper.sock"), [](Record&) { return std::nullopt; });
    EXPECT_THAT(hold(folder.file("keeper.sock"), a_held_message("67a1b2c3")), FailsWith("keeper"));
}

TEST(KeeperHold, FailsWhenTheAnswerIsNonsense) {
    const TemporaryDirectory folder;
    const RecordServer keeper(folder.file("keeper.sock"), [](Record&) { return "fine!"; });
    EXPECT_THAT(hold(folder.file("keeper.sock"), a_held_message("67a1b2c3")),
                FailsWith("malformed answer"));
}

TEST(KeeperHold, StopsAtItsDeadline) {
    const TemporaryDirectory folder;
    const auto listener = listen_seqpacket(folder.file("keeper.sock"), 0600);  // and nobody accepts
    EXPECT_THAT(hold(folder.file("keeper.sock"), a_held_message("67a1b2c3"), Milliseconds(1)),
                FailsWith("deadline"));
}

TEST(KeeperHold, CarriesAThousandRecipients) {
    const TemporaryDirectory folder;
    FakeKeeper keeper(folder.file("keeper.sock"));
    auto message = a_held_message("67a1b2c3");
    message.recipients.clear();
    message.report = std::string(32 * 1024, 'r');
    for (int i = 0; i < 1000; ++i)
        message.recipients.push_back(
            {fmt::format("<a.rather.long.name.{}@mail.example.org>", i), "NOTIFY=SUCCESS,FAILURE"});
    EXPECT_THAT(hold(folder.file("keeper.sock"), message), IsOk());
}

}  // namespace
}  // namespace cordon
