// SPDX-License-Identifier: GPL-2.0-only
#include "milter/role_unit.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <set>
#include <vector>

#include "conf/base/ipc.h"
#include "conf/base/log.h"
#include "conf/base/program.h"
#include "milter/role_unit_records.h"

namespace cordon {

namespace {

constexpr int kRetryMs = 200;
constexpr std::size_t kMostDescriptors = 8;
constexpr Milliseconds kTellTime(1000);
constexpr Milliseconds kEndTime(5000);  // as cordond's own

class RoleUnit {
 public:
    RoleUnit(std::string program, std::string run_directory)
        : program_(std::move(program)), socket_path_(std::move(run_directory) + kRoleUnitSocket) {}

    int run();

 private:
    struct Passed {
        UniqueFd fd;
        int number = -1;
    };

    Result<void> set_up();
    bool join();
    void serve();
    void hear();
    Result<void> obey(Record& record);
    void start(const UnitStart& start);
    void hear_signals();
    void reap();
    void end_programs();
    Result<void> tell(const UnitRecord& record) const {
        return send_record(cordond_.get(), to_record(record), -1, Deadline::in(kTellTime));
    }

    std::string program_;
    std::string socket_path_;
    UniqueFd signals_;
    UniqueFd cordond_;
    std::vector<Passed> passed_;  // for the next start
    std::set<pid_t> running_;
    bool is_stopping_ = false;
    int exit_code_ = kExitOk;
};

Result<void> RoleUnit::set_up() {
    sigset_t heard;
    ::sigemptyset(&heard);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&heard, signal);
    ::sigprocmask(SIG_BLOCK, &heard, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    signals_ = UniqueFd(::signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) return fail_errno("signalfd");
    return {};
}

bool RoleUnit::join() {
    auto connected = connect_seqpacket(socket_path_);
    if (!connected) return false;
    cordond_ = std::move(*connected);
    if (tell(UnitHello{CORDON_VERSION, program_})) return true;
    cordond_.reset();
    return false;
}

void RoleUnit::reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        running_.erase(pid);
        if (cordond_) static_cast<void>(tell(UnitEnded{pid, status}));
    }
}

void RoleUnit::hear_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        if (info.ssi_signo == SIGCHLD)
            reap();
        else if (info.ssi_signo != SIGHUP)
            is_stopping_ = true;
    }
}

void RoleUnit::start(const UnitStart& start) {
    Spawn what;
    what.program = role_path(program_);
    what.arguments = start.arguments;
    what.user = start.user;
    what.group = start.group;
    for (const auto& passed : passed_) what.fds.emplace_back(passed.fd.get(), passed.number);
    const auto pid = spawn(what);
    passed_.clear();
    if (pid)
        running_.insert(*pid);
    else
        log::error("start-failed", {{"name", program_}, {"error", pid.error().what}});
    static_cast<void>(tell(UnitStarted{pid ? *pid : -1, pid ? "" : pid.error().what}));
}

Result<void> RoleUnit::obey(Record& record) {
    const auto order = parse_unit_record(record.bytes);
    if (!order) return tl::unexpected(order.error());
    if (const auto* const refusal = std::get_if<UnitRefusal>(&*order)) {
        is_stopping_ = true;  // systemd starts the unit again, as what is installed now
        exit_code_ = kExitUnavailable;
        return fail(refusal->reason);
    }
    if (const auto* const begin = std::get_if<UnitStart>(&*order)) {
        start(*begin);
        return {};
    }
    const auto* const descriptor = std::get_if<UnitDescriptor>(&*order);
    if (descriptor == nullptr || !record.fd || passed_.size() >= kMostDescriptors)
        return fail("an unexpected record");
    passed_.push_back({std::move(record.fd), descriptor->number});
    return {};
}

void RoleUnit::hear() {
    auto record = receive_record(cordond_.get(), Deadline::in(kTellTime));
    if (record && *record) {
        const auto done = obey(**record);
        if (done) return;
        log::error("unit-refused", {{"name", program_}, {"reason", done.error().what}});
    }
    cordond_.reset();
}

void RoleUnit::serve() {
    while (cordond_ && !is_stopping_) {
        std::array<pollfd, 2> entries{{{signals_.get(), POLLIN, 0}, {cordond_.get(), POLLIN, 0}}};
        if (::poll(entries.data(), entries.size(), -1) <= 0) continue;
        if (entries[0].revents != 0) hear_signals();
        if (entries[1].revents != 0) hear();
    }
}

/// As they would end with cordond in one unit: it gives them time itself when it stops in order.
void RoleUnit::end_programs() {
    passed_.clear();
    for (const pid_t pid : running_) ::kill(pid, SIGTERM);
    const auto deadline = Deadline::in(kEndTime);
    while (!running_.empty() && !deadline.is_over()) {
        pollfd entry{signals_.get(), POLLIN, 0};
        ::poll(&entry, 1, std::min(deadline.poll_timeout(), kRetryMs));
        hear_signals();
        reap();
    }
    for (const pid_t pid : running_) ::kill(pid, SIGKILL);
}

int RoleUnit::run() {
    if (auto done = set_up(); !done) {
        log::error("failed", {{"error", done.error().what}});
        return kExitOs;
    }
    while (!is_stopping_) {
        if (join()) {
            serve();
            end_programs();
            continue;
        }
        pollfd entry{signals_.get(), POLLIN, 0};
        ::poll(&entry, 1, kRetryMs);
        hear_signals();
    }
    return exit_code_;
}

}  // namespace

std::string program_of_role(std::string_view role) {
    constexpr std::array<std::string_view, 5> kRoles = {"milter", "scanner", "antivirus", "keeper",
                                                        "review"};
    const bool is_known = std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end();
    return is_known ? "cordon-" + std::string(role) : std::string();
}

int run_role_unit(const std::string& program, const std::string& run_directory) {
    return RoleUnit(program, run_directory).run();
}

}  // namespace cordon
