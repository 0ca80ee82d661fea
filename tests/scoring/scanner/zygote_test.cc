// SPDX-License-Identifier: GPL-2.0-only
// How a pool starts, replaces its workers and ends.
#include "scoring/scanner/zygote.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scoring/scanner/worker.h"
#include "tests/scoring/scanner/pool_fixture.h"

namespace cordon {
namespace {

using test::Counters;
using test::PoolFixture;

std::string answer_with_pid(std::string_view, Counters&) {
    Analysis out;
    out.subject = std::to_string(::getpid());
    return encode(out);
}

class FailingTask : public ScanTask {
 public:
    ScanKind kind() const override { return ScanKind::analyse; }
    Result<void> settle(const std::string&, bool) override { return {}; }
    Result<void> check_canaries() override { return fail("the canary is dead"); }
    ScanReply answer(const ScanRequest&, std::string_view) override { return {}; }
    std::string unread(const UnreadReason&) const override { return {}; }
};

TEST(Zygote, FailsWithTheReasonWhenTheCanariesDo) {
    PoolFixture pool([] { return std::make_unique<FailingTask>(); }, ScannerOptions{});
    EXPECT_FALSE(pool.notice().is_ready);
    EXPECT_EQ(pool.notice().text, "the canary is dead");
    const int status = pool.wait();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) != 0);
}

TEST(Zygote, TestsEveryWorkerBeforeItsFirstMessage) {
    PoolFixture pool(answer_with_pid, 2);
    EXPECT_GE(pool.counters().canaries, 1);
    EXPECT_TRUE(pool.scan("mail").content);
}

TEST(Zygote, EndsWhenItsOwnerClosesTheControlSocket) {
    PoolFixture pool(answer_with_pid);
    ASSERT_TRUE(pool.notice().is_ready);
    pool.close_control();
    EXPECT_EQ(pool.wait(), 0);
}

TEST(Zygote, EndsOnSigterm) {
    PoolFixture pool(answer_with_pid);
    ASSERT_TRUE(pool.notice().is_ready);
    ::kill(pool.zygote(), SIGTERM);
    EXPECT_EQ(pool.wait(), 0);
}

TEST(Zygote, ReplacesAWorkerAfterItsShareOfMessagesAndLosesNone) {
    PoolFixture pool(answer_with_pid, 1);
    std::string first;
    std::string last;
    for (std::uint32_t i = 0; i <= kMessagesOfOneWorker; ++i) {
        const auto answer = pool.scan("mail");
        ASSERT_TRUE(answer.content) << answer.unread.at(0).detail;
        if (i == 0) first = answer.content->subject;
        last = answer.content->subject;
        if (i + 1 == kMessagesOfOneWorker) {
            EXPECT_EQ(last, first);
        }
    }
    EXPECT_NE(first, last);
}

}  // namespace
}  // namespace cordon
