// SPDX-License-Identifier: GPL-2.0-only
// Messages that kill their workers, while other mail flows through the same pool. The number of
// them is CORDON_CRASHES (30 by default; the figure of record is taken with 10000).
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "conf/base/text.h"
#include "tests/scoring/scanner/pool_fixture.h"

namespace cordon {
namespace {

using test::Counters;
using test::PoolFixture;

std::string obey(std::string_view message, Counters&) {
    if (message == "crash") std::abort();
    Analysis out;
    out.subject = message;
    return encode(out);
}

TEST(CrashingMessages, HarmNoOtherMessage) {
    const char* const wanted = std::getenv("CORDON_CRASHES");
    const auto crashes = wanted != nullptr ? parse_unsigned(wanted).value_or(30) : 30;
    PoolFixture pool(obey, 4);
    ASSERT_TRUE(pool.notice().is_ready) << pool.notice().text;

    std::atomic<bool> is_over = false;
    std::atomic<unsigned> answered = 0;
    std::atomic<unsigned> harmed = 0;
    const auto send = [&](const std::string& mail) {
        while (!is_over) {
            const auto answer = pool.scan(mail, Milliseconds(20'000));
            const bool is_good =
                answer.content && answer.content->subject == mail && answer.unread.empty();
            ++(is_good ? answered : harmed);
        }
    };
    std::thread first(send, "first");
    std::thread second(send, "second");
    unsigned unblamed = 0;
    for (std::uint64_t i = 0; i < crashes; ++i) {
        const auto answer = pool.scan("crash", Milliseconds(20'000));
        const bool is_blamed = !answer.content && answer.unread.size() == 1 &&
                               answer.unread[0].kind == Unread::unscanned;
        unblamed += is_blamed ? 0U : 1U;
    }
    is_over = true;
    first.join();
    second.join();
    EXPECT_EQ(unblamed, 0U);
    EXPECT_EQ(harmed, 0U);
    EXPECT_GT(answered, 0U);
    RecordProperty("answered", static_cast<int>(answered));
    std::printf("%llu crashing messages, %u others answered, %u harmed\n",
                static_cast<unsigned long long>(crashes), answered.load(), harmed.load());
}

}  // namespace
}  // namespace cordon
