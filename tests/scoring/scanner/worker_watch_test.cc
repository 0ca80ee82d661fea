// SPDX-License-Identifier: GPL-2.0-only
// What a worker may claim on its page, and what that is worth.
#include "scoring/scanner/worker_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "scoring/scanner/worker.h"

namespace cordon {
namespace {

constexpr Steady::time_point kNow{Milliseconds(10'000'000)};

std::int64_t ns(Milliseconds from_now) {
    return (kNow + from_now).time_since_epoch().count();
}

/// Idle, and took messages for a minute.
WorkerView idle() {
    return {kNow - Milliseconds(61'000), kNow - Milliseconds(60'000), true, 0,
            ns(Milliseconds(-500))};
}

std::string verdict(const WorkerView& worker) {
    ScannerOptions options;
    options.timeout = Milliseconds(20'000);
    return reason_to_kill(worker, options, kNow);
}

TEST(WorkerWatch, LeavesAWorkerAloneThatWaitsForWork) {
    EXPECT_EQ(verdict(idle()), "");
}

TEST(WorkerWatch, LeavesAWorkerAloneThatIsWithinItsDeadline) {
    auto worker = idle();
    worker.alive_ns = ns(Milliseconds(-19'000));
    worker.deadline_ns = ns(Milliseconds(1'000));
    EXPECT_EQ(verdict(worker), "");
}

TEST(WorkerWatch, EndsAWorkerPastItsDeadline) {
    auto worker = idle();
    worker.deadline_ns = ns(Milliseconds(-1'001));
    EXPECT_EQ(verdict(worker), "ran past the deadline of its message");
}

TEST(WorkerWatch, EndsAWorkerThatGivesItselfAnHour) {
    auto worker = idle();
    worker.deadline_ns = ns(Milliseconds(3'600'000));
    EXPECT_EQ(verdict(worker), "gave itself more time than it has");
}

TEST(WorkerWatch, EndsAWorkerThatClaimsToBeIdleAndIsSilent) {
    auto worker = idle();
    worker.alive_ns = ns(Milliseconds(-20'000) - kKillAfter - kHeartbeat - Milliseconds(1));
    EXPECT_EQ(verdict(worker), "gave no sign of life");
}

TEST(WorkerWatch, EndsAWorkerThatClearsItsPageAndIsSilent) {
    auto worker = idle();
    worker.alive_ns = 0;
    EXPECT_EQ(verdict(worker), "gave no sign of life");
}

TEST(WorkerWatch, EndsAWorkerThatClaimsALifeToCome) {
    auto worker = idle();
    worker.alive_ns = ns(Milliseconds(3'600'000));
    EXPECT_EQ(verdict(worker), "claims to be alive in the future");
}

TEST(WorkerWatch, EndsAWorkerByItsAgeWhateverItSays) {
    auto worker = idle();
    worker.began = kNow - Milliseconds(600'000 + 20'000) - kKillAfter - Milliseconds(1);
    EXPECT_EQ(verdict(worker), "outlived its time");
}

TEST(WorkerWatch, EndsAWorkerThatNeverBecomesReady) {
    auto worker = idle();
    worker.is_ready = false;
    worker.began = {};
    EXPECT_EQ(verdict(worker), "was not ready in time");
}

TEST(WorkerWatch, WaitsForASpare) {
    auto worker = idle();
    worker.began = {};
    worker.alive_ns = 0;
    worker.born = kNow - Milliseconds(3'600'000);
    EXPECT_EQ(verdict(worker), "");
}

TEST(WorkerWatch, SeesTheMemoryOfAProcessGrow) {
    const auto before = anonymous_bytes(::getpid());
    const std::string memory(32U << 20U, 'x');
    EXPECT_GT(anonymous_bytes(::getpid()), before + (memory.size() / 2));
}

TEST(WorkerWatch, KnowsNothingOfAProcessThatIsGone) {
    EXPECT_EQ(anonymous_bytes(-1), 0U);
}

}  // namespace
}  // namespace cordon
