// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/keeper/protocol.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "quarantine/keeper/client.h"
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

struct Pair {
    Pair() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
        near = UniqueFd(ends[0]);
        far = UniqueFd(ends[1]);
    }
    Result<Frame> carried(std::string_view body, int fd = -1) const {
        const auto sent = send_frame(near.get(), 7, body, fd, Deadline::in(kLong));
        if (!sent) return tl::unexpected(sent.error());
        return receive_frame(far.get(), Deadline::in(kLong));
    }
    UniqueFd near;
    UniqueFd far;
};

TEST(Frame, CarriesKindBodyAndDescriptor) {
    const auto frame = Pair().carried("hello", test::memory_with("x").get());
    ASSERT_THAT(frame, IsOk());
    EXPECT_EQ(frame->kind, 7);
    EXPECT_EQ(frame->body, "hello");
    EXPECT_TRUE(frame->fd);
}

TEST(Frame, CarriesABodyBeyondARecordBesideADescriptor) {
    const std::string body(3 * kMaxRecordBytes, 'b');
    const auto frame = Pair().carried(body, test::memory_with("x").get());
    ASSERT_THAT(frame, IsOk());
    EXPECT_EQ(frame->body, body);
    EXPECT_TRUE(frame->fd);
}

TEST(Frame, OfAnotherVersionIsRefusedByName) {
    const Pair pair;
    ASSERT_THAT(
        send_record(pair.near.get(), std::string("\x09\x01\0\0\0\0\0", 7), -1, Deadline::in(kLong)),
        IsOk());
    EXPECT_THAT(receive_frame(pair.far.get(), Deadline::in(kLong)),
                FailsWith("version 9 asked, this is 4: restart Cordon"));
}

TEST(Frame, ThatIsCutIsRefused) {
    const std::string whole("\x04\x01\0\x01\0\0\0x", 8);
    for (std::size_t size = 1; size < whole.size(); ++size) {
        const Pair pair;
        ASSERT_THAT(send_record(pair.near.get(), whole.substr(0, size), -1, Deadline::in(kLong)),
                    IsOk());
        EXPECT_FALSE(receive_frame(pair.far.get(), Deadline::in(kLong))) << size;
    }
}

TEST(Frame, WhoseBodyIsNotSealedIsRefused) {
    const Pair pair;
    const auto loose = make_memfd("loose");
    ASSERT_THAT(send_record(pair.near.get(), std::string("\x04\x01\x01\0\0\0\0", 7), -1,
                            Deadline::in(kLong)),
                IsOk());
    ASSERT_THAT(send_record(pair.near.get(), "body", loose->get(), Deadline::in(kLong)), IsOk());
    EXPECT_THAT(receive_frame(pair.far.get(), Deadline::in(kLong)), FailsWith("malformed frame"));
}

TEST(Codec, BelievesNoEnumeratorAndNoFlag) {
    ItemState state{};
    bool flag = false;
    EXPECT_FALSE(Decoder(Encoder()(std::uint64_t{99}).take())(state).is_complete());
    EXPECT_FALSE(Decoder(Encoder()(std::uint64_t{2}).take())(flag).is_complete());
}

TEST(Codec, RefusesEveryCutOfARequest) {
    const auto whole =
        Encoder()(OrderReleaseRequest{{"67a1b2c3", "root", {"a@b"}, "", true}}).take();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        OrderReleaseRequest request;
        EXPECT_FALSE(Decoder(whole.substr(0, size))(request).is_complete()) << size;
    }
}

Result<std::string> hold(const std::string& socket, const HeldMessage& message,
                         Milliseconds time = kLong) {
    const auto fd = test::memory_with("Subject: x\r\n\r\n");
    return KeeperClient(socket, time).hold(message, true, fd.get());
}

TEST(KeeperClient, HandsOverMessageAndOriginalAndGetsTheSeal) {
    const TemporaryDirectory folder;
    FakeKeeper keeper(folder.file("keeper.sock"));
    keeper.seal_with("v1.x");
    EXPECT_EQ(hold(folder.file("keeper.sock"), a_held_message("67a1b2c3")).value(), "v1.x");
    EXPECT_EQ(keeper.held().at(0).message.id, "67a1b2c3");
    EXPECT_EQ(keeper.held().at(0).original, "Subject: x\r\n\r\n");
    EXPECT_TRUE(keeper.held().at(0).is_everyone);
}

TEST(KeeperClient, TellsWhatTheKeeperSays) {
    const TemporaryDirectory folder;
    FakeKeeper keeper(folder.file("keeper.sock"));
    keeper.refuse_with("the vault is full");
    EXPECT_THAT(hold(folder.file("keeper.sock"), a_held_message("67a1b2c3")),
                FailsWith("the vault is full"));
}

TEST(KeeperClient, FailsWithoutAKeeper) {
    EXPECT_THAT(hold("/nonexistent/keeper.sock", a_held_message("67a1b2c3")),
                FailsWith("the keeper does not answer"));
}

TEST(KeeperClient, FailsWhenTheKeeperClosesWithoutAnAnswer) {
    const TemporaryDirectory folder;
    const RecordServer keeper(folder.file("keeper.sock"),
                              RecordServer::Answer([](Record&) { return std::nullopt; }));
    EXPECT_THAT(hold(folder.file("keeper.sock"), a_held_message("67a1b2c3")), FailsWith("keeper"));
}

TEST(KeeperClient, FailsWhenTheAnswerIsNonsense) {
    const TemporaryDirectory folder;
    const RecordServer keeper(folder.file("keeper.sock"),
                              RecordServer::Answer([](Record&) { return "\x04\x01ine!"; }));
    EXPECT_THAT(hold(folder.file("keeper.sock"), a_held_message("67a1b2c3")),
                FailsWith("malformed frame"));
}

TEST(KeeperClient, StopsAtItsDeadline) {
    const TemporaryDirectory folder;
    const auto listener = listen_seqpacket(folder.file("keeper.sock"), 0600);  // and nobody accepts
    EXPECT_THAT(hold(folder.file("keeper.sock"), a_held_message("67a1b2c3"), Milliseconds(1)),
                FailsWith("deadline"));
}

TEST(KeeperClient, CarriesTenThousandRecipients) {
    const TemporaryDirectory folder;
    FakeKeeper keeper(folder.file("keeper.sock"));
    auto message = a_held_message("67a1b2c3");
    message.recipients.assign(10'000, {"<a.rather.long.name@mail.example.org>", "NOTIFY=FAILURE"});
    EXPECT_THAT(hold(folder.file("keeper.sock"), message), IsOk());
    EXPECT_EQ(keeper.held().at(0).message.recipients.size(), 10'000U);
}

}  // namespace
}  // namespace cordon
