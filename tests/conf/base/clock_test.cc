// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/clock.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

TEST(Deadline, IsOverWhenItsTimeHasCome) {
    EXPECT_TRUE(Deadline(Steady::now()).is_over());
    EXPECT_TRUE(Deadline::in(Milliseconds(-5)).is_over());
    EXPECT_FALSE(Deadline::in(Milliseconds(60'000)).is_over());
}

TEST(Deadline, HasNeverLessThanNothingLeft) {
    EXPECT_EQ(Deadline::in(Milliseconds(-5000)).left(), Milliseconds(0));
    EXPECT_EQ(Deadline::in(Milliseconds(-5000)).poll_timeout(), 0);
}

TEST(Deadline, RoundsUpSoThatPollDoesNotSpin) {
    EXPECT_GE(Deadline(Steady::now() + std::chrono::milliseconds(50)).left(), Milliseconds(1));
    EXPECT_LE(Deadline::in(Milliseconds(50)).left(), Milliseconds(50));
}

TEST(Deadline, FitsIntoPollHoweverFarItIs) {
    EXPECT_EQ(Deadline::in(Milliseconds(365LL * 86'400'000)).poll_timeout(), 3'600'000);
}

TEST(Deadline, GivesTheEarlierOfTwo) {
    const auto soon = Deadline::in(Milliseconds(10));
    const auto later = Deadline::in(Milliseconds(10'000));
    EXPECT_EQ(soon.or_earlier(later).at(), soon.at());
    EXPECT_EQ(later.or_earlier(soon).at(), soon.at());
}

TEST(Timestamps, AreUtcAndWithoutLocale) {
    EXPECT_EQ(utc_timestamp(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(utc_timestamp(1'795'464'900), "2026-11-23T20:15:00Z");
    EXPECT_EQ(rfc5322_date(1'795'464'900), "Mon, 23 Nov 2026 20:15:00 +0000");
    EXPECT_EQ(rfc5322_date(951'782'400), "Tue, 29 Feb 2000 00:00:00 +0000");
}

}  // namespace
}  // namespace cordon
