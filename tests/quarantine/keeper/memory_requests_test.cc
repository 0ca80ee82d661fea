// SPDX-License-Identifier: GPL-2.0-only
// What is recalled of a sender: only what was proven, and only to whom it was said.
#include <gtest/gtest.h>

#include "quarantine/keeper/keeper.h"
#include "quarantine/keeper/memory_messages.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::IsOk;

constexpr std::int64_t kDay = 86'400;

class MemoryRequests : public ::testing::Test {
 protected:
    MemoryRequests()
        : keeper_(std::move(*open_keeper(
              test::a_configuration("[cordon]\nstate-directory = " + folder_.path() +
                                    "\n[quarantine]\nvault = " + folder_.path() + "/vault\n")))) {
        add_memory_handlers(handlers_);
        open_memory(*keeper_, "");
    }
    template <typename Request>
    typename Request::Answer ask(const Request& request) {
        Frame frame;
        frame.kind = static_cast<std::uint8_t>(Request::kKind);
        frame.body = Encoder()(request).take();
        const auto reply = handlers_.handle(*keeper_, frame);
        EXPECT_THAT(reply, IsOk());
        typename Request::Answer out{};
        if (!reply) return out;
        EXPECT_TRUE(Decoder(reply->body)(out).is_complete());
        return out;
    }
    Recollection recall(const std::string& author, const std::string& reference,
                        bool is_own = true) {
        const auto answer = ask(RecallRequest{author, {reference}, is_own, {"author " + author}});
        EXPECT_TRUE(answer.is_known);
        return answer.memory;
    }
    /// As if own users had written since so many days.
    void have_seen_own_mail(std::int64_t days) {
        const auto key = memory_key(MemoryKind::outbound, "");
        for (const auto time : {unix_time() - days * kDay, unix_time()})
            EXPECT_THAT(keeper_->memory->add({MemoryKind::outbound, {key}, 50, 0, time, false}),
                        IsOk());
    }

    test::TemporaryDirectory folder_;
    std::unique_ptr<Keeper> keeper_;
    KeeperHandlers handlers_;
};

TEST_F(MemoryRequests, KnowWhomOwnUsersWroteTo) {
    ask(SentMailRequest{{"Bob@Other.example", "c@third.example"}, "<1@example.org>"});
    EXPECT_TRUE(recall("bob@other.example", "<x@y>").is_correspondent);
    EXPECT_FALSE(recall("eve@other.example", "<x@y>").is_correspondent);
    EXPECT_FALSE(recall("", "<x@y>").is_correspondent);
}

TEST_F(MemoryRequests, CallAReplyWhatComesFromADomainThatGotTheMessage) {
    ask(SentMailRequest{{"bob@other.example"}, "<1@example.org>"});
    EXPECT_TRUE(recall("colleague@other.example", "<1@example.org>").is_reply);
    EXPECT_FALSE(recall("eve@evil.example", "<1@example.org>").is_reply) << "ids are overheard";
    EXPECT_FALSE(recall("", "<1@example.org>").is_reply) << "nobody is proven to have sent it";
    EXPECT_FALSE(recall("bob@other.example", "<2@example.org>").is_reply);
}

TEST_F(MemoryRequests, MissAThreadOnlyWhereOwnMailIsSeen) {
    EXPECT_FALSE(recall("", "<2@example.org>").names_own_thread);
    have_seen_own_mail(10);
    EXPECT_FALSE(recall("", "<2@example.org>").names_own_thread) << "it may be older";
    have_seen_own_mail(100);
    EXPECT_FALSE(recall("", "<2@example.org>").names_own_thread) << "the first day counts";
}

TEST_F(MemoryRequests, MissAThreadThatNobodyBegan) {
    have_seen_own_mail(100);
    ask(SentMailRequest{{"bob@other.example"}, "<1@example.org>"});
    EXPECT_TRUE(recall("eve@evil.example", "<2@example.org>").names_own_thread);
    EXPECT_FALSE(recall("eve@evil.example", "<1@example.org>").names_own_thread);
    EXPECT_FALSE(recall("eve@evil.example", "<2@elsewhere.example>", false).names_own_thread);
}

TEST_F(MemoryRequests, CountHowSendersBehaveAndBelieveAPersonMore) {
    const auto spam_of = [&] {
        const auto senders = recall("ann@other.example", "<x@y>").senders;
        return senders.empty() ? std::uint64_t{0} : senders.front().spam;
    };
    for (int i = 0; i < 5; ++i) ask(BehaviourRequest{{"author ann@other.example"}, true});
    EXPECT_EQ(spam_of(), 5U);
    remember_decision(*keeper_, "Ann@Other.example", false);
    EXPECT_EQ(spam_of(), 0U);
    remember_decision(*keeper_, "ann@other.example", true);
    EXPECT_EQ(spam_of(), 10U);
}

TEST_F(MemoryRequests, RefuseMoreThanAMessageHas) {
    Frame frame;
    frame.kind = static_cast<std::uint8_t>(KeeperRequest::behaviour);
    frame.body = Encoder()(BehaviourRequest{std::vector<std::string>(101, "x"), true}).take();
    EXPECT_FALSE(handlers_.handle(*keeper_, frame));
}

TEST_F(MemoryRequests, SayThatNothingIsKnownWithoutAMemory) {
    keeper_->memory.reset();
    EXPECT_FALSE(ask(RecallRequest{"a@b.example", {}, false, {}}).is_known);
    ask(SentMailRequest{{"bob@other.example"}, "<1@example.org>"});
}

}  // namespace
}  // namespace cordon
