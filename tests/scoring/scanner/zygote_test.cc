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
    bool takes(ScanKind kind) const override { return kind == ScanKind::analyse; }
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
    const auto share = ScannerOptions{}.worker_messages;
    EXPECT_EQ(share, 500U);
    PoolFixture pool(answer_with_pid, 1);
    std::string first;
    std::string last;
    for (std::uint32_t i = 0; i <= share; ++i) {
        const auto answer = pool.scan("mail");
        ASSERT_TRUE(answer.content) << answer.unread.at(0).detail;
        if (i == 0) first = answer.content->subject;
        last = answer.content->subject;
        if (i + 1 == share) {
            EXPECT_EQ(last, first);
        }
    }
    EXPECT_NE(first, last);
}

/// Asks until another worker answers than the first one; false after 20 s.
bool is_replaced(PoolFixture& pool, const std::string& message = "mail") {
    const auto first = pool.scan(message);
    const auto end = Deadline::in(Milliseconds(20'000));
    while (first.content && !end.is_over()) {
        const auto next = pool.scan("mail");
        if (!next.content) return false;
        if (next.content->subject != first.content->subject) return true;
    }
    return false;
}

TEST(Zygote, ReplacesAWorkerThatHasReachedItsAge) {
    EXPECT_EQ(ScannerOptions{}.worker_age, Milliseconds(600'000));
    ScannerOptions options;
    options.workers = 1;
    options.worker_age = Milliseconds(50);
    PoolFixture pool(answer_with_pid, options);
    EXPECT_TRUE(is_replaced(pool));
}

// Kept for good, as by a library that leaks.
std::string hoard(std::string_view message, Counters& counters) {
    static std::string memory;
    if (message == "large") memory.assign(64U << 20U, 'x');
    return answer_with_pid(message, counters);
}

TEST(Zygote, ReplacesAWorkerThatHasGrown) {
    ScannerOptions options;
    options.workers = 1;
    options.worker_growth = 16U << 20U;
    PoolFixture pool(hoard, options);
    EXPECT_TRUE(is_replaced(pool, "large"));
}

TEST(Zygote, HasWorkersProveThemselvesAgainBetweenMessages) {
    ScannerOptions options;
    options.workers = 1;
    options.canary_every = Milliseconds(0);
    PoolFixture pool(answer_with_pid, options);
    const int before = pool.counters().canaries;
    EXPECT_TRUE(pool.scan("mail").content);
    EXPECT_TRUE(pool.scan("mail").content);
    EXPECT_GT(pool.counters().canaries, before + 1);
}

TEST(Zygote, ReplacesAWorkerThatNoLongerFindsItsCanaries) {
    ScannerOptions options;
    options.workers = 1;
    options.canary_every = Milliseconds(0);
    PoolFixture pool(
        [](std::string_view message, Counters& counters) {
            if (message == "blind") counters.is_blind = ::getpid();
            return answer_with_pid(message, counters);
        },
        options);
    EXPECT_TRUE(is_replaced(pool, "blind"));
}

}  // namespace
}  // namespace cordon
