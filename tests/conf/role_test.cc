// SPDX-License-Identifier: GPL-2.0-only
#include "conf/role.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "conf/base/ipc.h"
#include "conf/base/program.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

struct ControlSockets {
    ControlSockets() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
        ours.reset(ends[0]);
        theirs.reset(ends[1]);
    }
    RoleArguments arguments() const {
        RoleArguments out;
        out.control_fd = theirs.get();
        return out;
    }
    Result<std::string> word() const {
        return wait_role_ready(ours.get(), Deadline::in(Milliseconds(1000)));
    }

    UniqueFd ours;
    UniqueFd theirs;
};

std::optional<RoleArguments> parse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "cordon-role");
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    return parse_role_arguments(static_cast<int>(arguments.size()), argv.data(), "cordon-role");
}

TEST(ParseRoleArguments, ReadsDescriptorsAndPool) {
    const auto arguments =
        parse({"--config-fd", "3", "--listen-fd=4", "--control-fd=5", "--pool", "content"});
    ASSERT_TRUE(arguments);
    EXPECT_EQ(arguments->config_fd, 3);
    EXPECT_EQ(arguments->listen_fd, 4);
    EXPECT_EQ(arguments->control_fd, 5);
    EXPECT_EQ(arguments->pool, "content");
}

TEST(ParseRoleArguments, RefusesWhatItDoesNotKnow) {
    ::testing::internal::CaptureStderr();
    EXPECT_FALSE(parse({"--config-fd=3", "--daemon"}));
    EXPECT_FALSE(parse({"--config-fd=three"}));
    EXPECT_FALSE(parse({}));
    EXPECT_NE(::testing::internal::GetCapturedStderr().find("started by cordond(8)"),
              std::string::npos);
}

TEST(ReadRoleConfiguration, ReadsTheTextOfTheDescriptor) {
    const auto fd = text_descriptor("[log]\nlevel = error\n[milter]\nprocesses = 5\n");
    ASSERT_THAT(fd, IsOk());
    RoleArguments arguments;
    arguments.config_fd = fd->get();
    const auto configuration = read_role_configuration(arguments, "test");
    ASSERT_THAT(configuration, IsOk());
    EXPECT_EQ((*configuration)->milter.processes, 5U);
}

TEST(ReadRoleConfiguration, SaysWhatIsWrongWithIt) {
    const auto fd = text_descriptor("[nonsense]\nx = 1\n");
    RoleArguments arguments;
    arguments.config_fd = fd->get();
    EXPECT_THAT(read_role_configuration(arguments, "test"),
                FailsWith("unknown section [nonsense]"));
}

TEST(WaitRoleReady, HearsThatTheRoleIsReady) {
    const ControlSockets sockets;
    role_ready(sockets.arguments());
    const auto word = sockets.word();
    ASSERT_THAT(word, IsOk());
    EXPECT_EQ(*word, "");
}

TEST(WaitRoleReady, HearsWhyTheRoleFailed) {
    const ControlSockets sockets;
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(role_failure(sockets.arguments(), kExitConfig, Error{"no database in /db"}),
              kExitConfig);
    EXPECT_NE(::testing::internal::GetCapturedStderr().find("no database in /db"),
              std::string::npos);
    EXPECT_THAT(sockets.word(), FailsWith("no database in /db"));
}

TEST(WaitRoleReady, NoticesARoleThatDied) {
    ControlSockets sockets;
    sockets.theirs.reset();
    EXPECT_THAT(sockets.word(), FailsWith("ended before it was ready"));
}

TEST(WaitRoleReady, DoesNotWaitBeyondItsDeadline) {
    const ControlSockets sockets;
    EXPECT_THAT(wait_role_ready(sockets.ours.get(), Deadline::in(Milliseconds(0))),
                FailsWith("deadline"));
}

TEST(WaitRoleReady, RefusesARecordItDoesNotUnderstand) {
    const ControlSockets sockets;
    ASSERT_THAT(
        send_record(sockets.theirs.get(), "\x01 nonsense", -1, Deadline::in(Milliseconds(1000))),
        IsOk());
    EXPECT_THAT(sockets.word(), FailsWith("malformed"));
}

}  // namespace
}  // namespace cordon
