// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>

namespace cordon {

std::string program_directory() {
    std::array<char, PATH_MAX> path{};
    const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
    const std::string full(path.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    const auto slash = full.rfind('/');
    return slash == std::string::npos ? "." : full.substr(0, slash);
}

std::string role_path(const std::string& name) {
    const std::string beside = program_directory() + "/" + name;
    return ::access(beside.c_str(), X_OK) == 0 ? beside : CORDON_LIBEXECDIR "/" + name;
}

Result<Account> find_account(const std::string& user) {
    std::array<char, 16384> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found == nullptr)
        return fail(fmt::format("no account '{}': create it or set [cordon] user", user));
    return Account{entry.pw_uid, entry.pw_gid};
}

std::string describe_exit(int status) {
    if (!WIFSIGNALED(status)) return fmt::format("ended with code {}", WEXITSTATUS(status));
    const int signal = WTERMSIG(status);
    return fmt::format("died of signal {} ({})", signal, ::strsignal(signal));
}

namespace {

struct Identity {
    Account account;
    std::vector<gid_t> groups;
};

Result<Identity> identity_for(const Spawn& what) {
    Identity out;
    auto account = find_account(what.user);
    if (!account) return tl::unexpected(account.error());
    out.account = *account;
    out.groups.push_back(account->gid);
    if (what.group.empty()) return out;
    std::array<char, 16384> buffer{};
    group entry{};
    group* found = nullptr;
    ::getgrnam_r(what.group.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found == nullptr)
        return fail(fmt::format("no group '{}': see [milter] socket-group", what.group));
    out.groups.push_back(entry.gr_gid);
    return out;
}

/// Moves the descriptors out of each other's way first, then to their numbers.
bool place_descriptors(const std::vector<std::pair<int, int>>& fds) {
    std::vector<std::pair<int, int>> moved;
    moved.reserve(fds.size());
    for (const auto& [ours, target] : fds) {
        const int high = ::fcntl(ours, F_DUPFD_CLOEXEC, 100);
        if (high < 0) return false;
        moved.emplace_back(high, target);
    }
    return std::all_of(moved.begin(), moved.end(),
                       [](const auto& pair) { return ::dup2(pair.first, pair.second) >= 0; });
}

bool become(const Identity& identity) {
    return ::setgroups(identity.groups.size(), identity.groups.data()) == 0 &&
           ::setresgid(identity.account.gid, identity.account.gid, identity.account.gid) == 0 &&
           ::setresuid(identity.account.uid, identity.account.uid, identity.account.uid) == 0;
}

void reset_signals() {
    for (int s = 1; s < NSIG; ++s) ::signal(s, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

struct ChildPlan {
    const Spawn* what;
    const Identity* identity;  // null: stay who we are
    std::vector<char*> argv;
    pid_t parent;
};

[[noreturn]] void exec_child(const ChildPlan& plan) {
    reset_signals();
    if (!place_descriptors(plan.what->fds)) ::_exit(kExitOs);
    if (plan.identity != nullptr && !become(*plan.identity)) ::_exit(kExitOs);
    if (plan.what->die_with_parent) {  // after setuid, which clears it
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != plan.parent) ::_exit(kExitOs);
    }
    ::execv(plan.what->program.c_str(), plan.argv.data());
    ::_exit(127);
}

}  // namespace

Result<pid_t> spawn(const Spawn& what) {
    Identity identity;
    const bool drops = !what.user.empty() && ::geteuid() == 0;
    if (drops) {
        auto found = identity_for(what);
        if (!found) return tl::unexpected(found.error());
        identity = *found;
    }
    if (::access(what.program.c_str(), X_OK) != 0) return fail_errno(what.program);
    ChildPlan plan{&what, drops ? &identity : nullptr, {}, ::getpid()};
    plan.argv.push_back(const_cast<char*>(what.program.c_str()));
    for (const auto& argument : what.arguments)
        plan.argv.push_back(const_cast<char*>(argument.c_str()));
    plan.argv.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) return fail_errno("fork");
    if (pid == 0) exec_child(plan);
    return pid;
}

namespace {

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe");
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void collect(std::array<std::pair<UniqueFd*, std::string*>, 2> streams, std::size_t limit) {
    std::array<char, 16384> chunk{};
    while (*streams[0].first || *streams[1].first) {
        std::array<pollfd, 2> entries{};
        for (std::size_t i = 0; i < 2; ++i) entries.at(i) = {streams.at(i).first->get(), POLLIN, 0};
        if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) return;
        for (std::size_t i = 0; i < 2; ++i) {
            if (entries.at(i).revents == 0) continue;
            const ssize_t n = ::read(entries.at(i).fd, chunk.data(), chunk.size());
            auto& [fd, text] = streams.at(i);
            if (n <= 0)
                fd->reset();
            else
                text->append(chunk.data(),
                             std::min(static_cast<std::size_t>(n), limit - text->size()));
        }
    }
}

}  // namespace

Result<Output> run_program(Spawn what, std::size_t limit) {
    auto out = make_pipe();
    auto err = make_pipe();
    if (!out || !err) return fail_errno("pipe");
    what.fds.emplace_back(out->write.get(), STDOUT_FILENO);
    what.fds.emplace_back(err->write.get(), STDERR_FILENO);
    const auto pid = spawn(what);
    if (!pid) return tl::unexpected(pid.error());
    out->write.reset();
    err->write.reset();
    Output output;
    collect({{{&out->read, &output.out}, {&err->read, &output.err}}}, limit);
    int status = 0;
    while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
    }
    output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return output;
}

}  // namespace cordon
