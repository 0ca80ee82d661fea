// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/release/release_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace cordon {
namespace {

constexpr Milliseconds kLong(60'000);

TEST(ReleaseGate, LetsInUntilItIsClosed) {
    ReleaseGate gate;
    EXPECT_TRUE(gate.enter());
    gate.close(kLong);
    EXPECT_FALSE(gate.enter());
    gate.close(kLong);  // again: nothing to wait for
}

TEST(ReleaseGate, WaitsNoLongerThanItIsTold) {
    ReleaseGate gate;
    const auto pass = gate.enter();
    gate.close(Milliseconds(0));
    EXPECT_FALSE(gate.enter());
}

TEST(ReleaseGate, ClosesWhenWhoWasInsideHasLeft) {
    ReleaseGate gate;
    std::atomic<bool> is_recorded = false;
    auto pass = gate.enter();
    std::thread closer([&] {
        gate.close(kLong);
        EXPECT_TRUE(is_recorded) << "what was being sent had not come to its end";
    });
    while (gate.enter()) std::this_thread::yield();  // until it is closed to newcomers
    is_recorded = true;
    pass.leave();
    pass.leave();  // twice does no harm
    closer.join();
}

}  // namespace
}  // namespace cordon
