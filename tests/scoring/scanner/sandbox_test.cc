// SPDX-License-Identifier: GPL-2.0-only
// What a worker can't do: each attempt is made inside a real worker of a real pool. A refused
// system call ends the worker; a call that is let through answers.
#include "scoring/scanner/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <vector>

#include "tests/scoring/scanner/pool_fixture.h"

namespace cordon {
namespace {

using test::Counters;
using test::PoolFixture;

std::string said(std::string text) {
    Analysis out;
    out.subject = std::move(text);
    return encode(out);
}

std::string attempt(std::string_view what, Counters&) {
    int result = 0;
    if (what == "open") result = ::open("/etc/passwd", O_RDONLY);
    if (what == "socket") result = ::socket(AF_INET, SOCK_STREAM, 0);
    if (what == "execve") result = ::execl("/bin/true", "true", nullptr);
    if (what == "kill") result = ::kill(1, 0);
    if (what == "prctl") result = ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (what == "exec-memory")
        result = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                 MAP_FAILED;
    if (what == "sort") {  // many elements: the C library asks how much memory there is
        std::vector<int> numbers(10'000, 1);
        std::qsort(numbers.data(), numbers.size(), sizeof(int),
                   [](const void* a, const void* b) { return a < b ? -1 : 1; });
    }
    return said("allowed with " + std::to_string(result));
}

class Forbidden : public ::testing::TestWithParam<const char*> {};

TEST_P(Forbidden, EndsTheWorkerWithoutAnAnswer) {
    PoolFixture pool(attempt);
    ASSERT_TRUE(pool.notice().is_ready) << pool.notice().text;
    const auto answer = pool.scan(GetParam());
    EXPECT_FALSE(answer.content) << answer.content->subject;
    ASSERT_EQ(answer.unread.size(), 1U);
    EXPECT_EQ(answer.unread[0].kind, Unread::unscanned);
}

TEST(Sandbox, LetsAWorkerAnswerThatAttemptsNothing) {
    PoolFixture pool(attempt);
    const auto answer = pool.scan("nothing");
    ASSERT_TRUE(answer.content);
    EXPECT_EQ(answer.content->subject, "allowed with 0");
}

TEST(Sandbox, LetsAWorkerSortManyThings) {
    PoolFixture pool(attempt);
    const auto answer = pool.scan("sort");
    ASSERT_TRUE(answer.content);
    EXPECT_EQ(answer.content->subject, "allowed with 0");
}

INSTANTIATE_TEST_SUITE_P(Calls, Forbidden,
                         ::testing::Values("open", "socket", "execve", "kill", "prctl",
                                           "exec-memory"));

TEST(Sandbox, RefusesAProcessWithAnError) {
    PoolFixture pool([](std::string_view, Counters&) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(0);
        return said(child < 0 && errno == EAGAIN ? "refused" : "forked");
    });
    const auto answer = pool.scan("fork");
    ASSERT_TRUE(answer.content);
    EXPECT_EQ(answer.content->subject, "refused");
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Sandbox, EndsAllocationBeyondTheLimitWithAReason) {
    PoolFixture pool([](std::string_view, Counters&) {
        const std::string large(std::size_t{2} << 30U, 'x');
        return said(large.substr(0, 1));
    });
    const auto answer = pool.scan("memory");
    ASSERT_TRUE(answer.content);
    ASSERT_EQ(answer.content->unread.size(), 1U);
    EXPECT_EQ(answer.content->unread[0].detail, "limit: memory of a worker");
}

#endif

// In a child process: the sandbox is for good.
template <typename Inside>
int in_sandbox(const SandboxPlan& plan, Inside inside) {
    const pid_t child = ::fork();
    if (child == 0) {
        auto dropped = drop_root();
        auto sandbox = enter_sandbox(plan);
        ::_exit(dropped && sandbox ? inside(*sandbox) : 99);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

SandboxPlan plan_with_files() {
    SandboxPlan plan;
    plan.memory_bytes = 64U << 20U;
    plan.needs_files = true;
    plan.fallback_folder = ::testing::TempDir() + "cordon-fallback-" + std::to_string(::getpid());
    plan.folder_bytes = 1U << 20U;
    return plan;
}

TEST(Sandbox, GivesAPrivateFolderAndNothingElseOfTheFileSystem) {
    const int code = in_sandbox(plan_with_files(), [](const Sandbox& sandbox) {
        const auto mine = sandbox.folder + "/file";
        const bool can_write = ::open(mine.c_str(), O_CREAT | O_WRONLY, 0600) >= 0;
        const bool can_read_others =
            ::open("/etc/passwd", O_RDONLY) >= 0 || ::open("/proc/self/status", O_RDONLY) >= 0;
        return (can_write ? 0 : 1) + (can_read_others ? 2 : 0);
    });
    EXPECT_EQ(code, 0);
}

TEST(Sandbox, BoundsTheRoomOfItsFolder) {
    const int code = in_sandbox(plan_with_files(), [](const Sandbox& sandbox) {
        const auto path = sandbox.folder + "/file";
        const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY, 0600);
        const std::string block(65536, 'x');
        for (int i = 0; i < 64; ++i) {
            if (::write(fd, block.data(), block.size()) < 0)
                return sandbox.is_folder_private ? 0 : 1;
        }
        return 2;
    });
    EXPECT_EQ(code, 0);
}

TEST(Sandbox, HasAllItsLayersHere) {
    const int code = in_sandbox(plan_with_files(), [](const Sandbox& sandbox) {
        return static_cast<int>(sandbox.missing.size());
    });
    EXPECT_EQ(code, 0);
}

TEST(Sandbox, ReportsEachOfItsLayersInALine) {
    const auto lines = report_layers(true);
    ASSERT_TRUE(lines) << lines.error().what;
    for (const auto layer : kSandboxLayers)
        EXPECT_NE(lines->find("layer " + std::string(layer) + " active\n"), std::string::npos)
            << *lines;
}

}  // namespace
}  // namespace cordon
