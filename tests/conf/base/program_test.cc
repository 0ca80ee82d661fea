// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/program.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/builders.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

Spawn shell(const std::string& script) {
    Spawn out;
    out.program = "/bin/sh";
    out.arguments = {"-c", script};
    return out;
}

TEST(RunProgram, CollectsBothStreamsAndTheExitCode) {
    const auto output = run_program(shell("echo out; echo err >&2; exit 7"));
    ASSERT_THAT(output, IsOk());
    EXPECT_EQ(output->out, "out\n");
    EXPECT_EQ(output->err, "err\n");
    EXPECT_EQ(output->exit_code, 7);
}

TEST(RunProgram, TellsTheSignalThatEndedIt) {
    EXPECT_EQ(run_program(shell("kill -KILL $$"))->exit_code, 128 + SIGKILL);
}

TEST(RunProgram, PassesArgumentsUnchanged) {
    auto what = shell("printf '[%s]' \"$@\"");
    what.arguments.insert(what.arguments.end(), {"sh", "a b", "", "$x;'"});
    EXPECT_EQ(run_program(what)->out, "[a b][][$x;']");
}

TEST(RunProgram, KeepsNoMoreThanItsLimit) {
    const auto output = run_program(shell("head -c 100000 /dev/zero"), 1000);
    ASSERT_THAT(output, IsOk());
    EXPECT_EQ(output->out.size(), 1000U);
    EXPECT_EQ(output->exit_code, 0) << "the rest is read and dropped";
}

TEST(RunProgram, NamesAProgramThatIsMissing) {
    Spawn what;
    what.program = "/nonexistent/program";
    EXPECT_THAT(run_program(what), FailsWith("/nonexistent/program: No such file"));
}

TEST(Spawn, GivesTheChildItsDescriptorsUnderTheirNumbers) {
    const auto a = test::memory_with("A");
    const auto b = test::memory_with("B");
    for (const auto& fd : {&a, &b}) ::lseek(fd->get(), 0, SEEK_SET);
    auto what = shell("cat <&3; cat <&4");
    what.fds = {{a.get(), 4}, {b.get(), 3}};
    EXPECT_EQ(run_program(what)->out, "BA");
}

TEST(Spawn, GivesTheChildNothingElse) {
    const auto secret = test::memory_with("secret");
    ASSERT_GT(secret.get(), 2);
    const auto output = run_program(shell("ls -l /proc/self/fd"));
    EXPECT_NE(output->out.find(" 1 -> "), std::string::npos) << output->out;
    EXPECT_EQ(output->out.find("memfd"), std::string::npos) << output->out;
}

TEST(Spawn, SwapsDescriptorsThatStandInEachOthersPlace) {
    const auto a = test::memory_with("A");
    const auto b = test::memory_with("B");
    for (const auto& fd : {&a, &b}) ::lseek(fd->get(), 0, SEEK_SET);
    auto what = shell("cat /proc/self/fd/$0 /proc/self/fd/$1");
    what.arguments.push_back(std::to_string(a.get()));
    what.arguments.push_back(std::to_string(b.get()));
    what.fds = {{a.get(), b.get()}, {b.get(), a.get()}};
    EXPECT_EQ(run_program(what)->out, "BA");
}

TEST(Spawn, GivesTheChildDefaultSignals) {
    std::signal(SIGUSR1, SIG_IGN);
    const auto output = run_program(shell("kill -USR1 $$; echo survived"));
    std::signal(SIGUSR1, SIG_DFL);
    EXPECT_EQ(output->exit_code, 128 + SIGUSR1);
}

TEST(FindAccount, KnowsRoot) {
    const auto account = find_account("root");
    ASSERT_THAT(account, IsOk());
    EXPECT_EQ(account->uid, 0U);
}

TEST(FindAccount, NamesTheKeyThatNamesTheAccount) {
    EXPECT_THAT(find_account("no-such-account"),
                FailsWith("no account 'no-such-account': create it or set [cordon] user"));
}

TEST(RolePath, FallsBackToTheInstalledPlace) {
    EXPECT_TRUE(role_path("cordon-no-such-role").ends_with("/libexec/cordon/cordon-no-such-role"));
}

TEST(RolePath, PrefersTheProgramBesideThisOne) {
    std::string self(4096, '\0');
    const ssize_t n = ::readlink("/proc/self/exe", self.data(), self.size());
    ASSERT_GT(n, 0);
    self.resize(static_cast<std::size_t>(n));
    EXPECT_EQ(role_path(self.substr(self.rfind('/') + 1)), self);
}

}  // namespace
}  // namespace cordon
