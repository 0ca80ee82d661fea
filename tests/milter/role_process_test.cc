// SPDX-License-Identifier: GPL-2.0-only
#include "milter/role_process.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "conf/base/program.h"
#include "conf/role.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

/// Starts no process: a role whose other end of the control socket the test holds.
class StandIn {
 public:
    RoleProcess make() {
        return RoleProcess("scanner", [this]() -> Result<StartedRole> {
            std::array<int, 2> ends{};
            EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
            theirs.reset(ends[1]);
            return StartedRole{pid, UniqueFd(ends[0])};
        });
    }
    RoleArguments arguments() const {
        RoleArguments out;
        out.control_fd = theirs.get();
        return out;
    }

    UniqueFd theirs;
    pid_t pid = 1 << 30;  // no such process
};

Milliseconds pause_of(const RoleProcess& role) {
    return std::chrono::duration_cast<Milliseconds>(role.due() - Steady::now());
}

TEST(RoleProcess, IsReadyWhenItSaysSo) {
    StandIn other;
    auto role = other.make();
    ASSERT_THAT(role.start(), IsOk());
    EXPECT_TRUE(role.is_alive());
    EXPECT_FALSE(role.is_ready());
    role_ready(other.arguments());
    ASSERT_THAT(role.read_notice(), IsOk());
    EXPECT_TRUE(role.is_ready());
}

TEST(RoleProcess, TellsByNameWhyItFailed) {
    StandIn other;
    auto role = other.make();
    ASSERT_THAT(role.start(), IsOk());
    ::testing::internal::CaptureStderr();
    role_failure(other.arguments(), kExitConfig, Error{"no database"});
    ::testing::internal::GetCapturedStderr();
    EXPECT_THAT(role.read_notice(), FailsWith("scanner: no database"));
    EXPECT_FALSE(role.is_ready());
    EXPECT_LT(role.control(), 0) << "nothing more is read from it";
}

TEST(RoleProcess, NoticesThatItDiedBeforeItWasReady) {
    StandIn other;
    auto role = other.make();
    ASSERT_THAT(role.start(), IsOk());
    other.theirs.reset();
    EXPECT_THAT(role.read_notice(), FailsWith("scanner: ended before it was ready"));
}

TEST(RoleProcess, NamesItselfWhenItCannotStart) {
    RoleProcess role("keeper", []() -> Result<StartedRole> { return fail("no account"); });
    EXPECT_THAT(role.start(), FailsWith("keeper: no account"));
    EXPECT_FALSE(role.is_alive());
}

TEST(RoleProcess, WaitsLongerEachTimeItEndsAtOnce) {
    StandIn other;
    auto role = other.make();
    Milliseconds last(0);
    for (int i = 0; i < 8; ++i) {
        ASSERT_THAT(role.start(), IsOk());
        role.ended();
        EXPECT_FALSE(role.is_alive());
        EXPECT_FALSE(role.is_due());
        EXPECT_GT(pause_of(role), last);
        last = pause_of(role);
    }
}

TEST(RoleProcess, WaitsNoLongerThanHalfAMinute) {
    StandIn other;
    auto role = other.make();
    for (int i = 0; i < 100; ++i) {
        ASSERT_THAT(role.start(), IsOk());
        role.ended();
        EXPECT_LE(pause_of(role), Milliseconds(30'000));
    }
    EXPECT_GT(pause_of(role), Milliseconds(29'000));
}

TEST(RoleProcess, IsDueAtOnceWhenItEndedBecauseItWasAskedTo) {
    StandIn other;
    auto role = other.make();
    for (int i = 0; i < 5; ++i) {
        ASSERT_THAT(role.start(), IsOk());
        role.ended();
    }
    ASSERT_THAT(role.start(), IsOk());
    role.renew();
    EXPECT_TRUE(role.is_alive()) << "it has its time to end";
    EXPECT_TRUE(role.is_renewing());
    role.ended();
    EXPECT_TRUE(role.is_due());
    EXPECT_FALSE(role.is_renewing()) << "the next end is its own";
}

TEST(RoleProcess, IsDueAtFirstAndNotWhileItLives) {
    StandIn other;
    auto role = other.make();
    EXPECT_TRUE(role.is_due());
    ASSERT_THAT(role.start(), IsOk());
    EXPECT_FALSE(role.is_due());
}

TEST(RoleProcess, ClosesItsControlSocketOnRelease) {
    StandIn other;
    auto role = other.make();
    ASSERT_THAT(role.start(), IsOk());
    role.release();
    char byte = 0;
    EXPECT_EQ(::recv(other.theirs.get(), &byte, 1, MSG_DONTWAIT), 0) << "closed";
}

TEST(RoleProcess, PassesASignalToItsProcessOnly) {
    StandIn other;
    auto role = other.make();
    role.signal(SIGKILL);  // not started: nothing happens, least of all to us
    Spawn what;
    what.program = "/bin/sleep";
    what.arguments = {"60"};
    other.pid = spawn(what).value();
    ASSERT_THAT(role.start(), IsOk());
    role.signal(SIGKILL);
    int status = 0;
    EXPECT_EQ(::waitpid(other.pid, &status, 0), other.pid);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

}  // namespace
}  // namespace cordon
