// SPDX-License-Identifier: GPL-2.0-only
// cordon-milter: opens the listener, forks the processes that serve it, restarts those that die and
// hands them new configurations. It never calls smfi_main itself: a crash, a stall or a race in
// libmilter touches one child.
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>
#include <vector>

#include "conf/base/ipc.h"
#include "conf/base/log.h"
#include "conf/base/program.h"
#include "conf/role.h"
#include "milter/callbacks.h"
#include "milter/handover.h"
#include "milter/keeping_metrics.h"
#include "milter/learning_metrics.h"
#include "milter/libmilter_interpose.h"
#include "milter/listener.h"
#include "milter/metrics_server.h"
#include "milter/milter_child.h"

namespace cordon {
namespace {

constexpr Milliseconds kStopTime(4400);
constexpr Milliseconds kRestartPause(200);
constexpr Milliseconds kTellTime(1000);

struct Child {
    pid_t pid = -1;
    UniqueFd control;
};

class Parent {
 public:
    Parent(const RoleArguments& arguments, SnapshotPtr snapshot)
        : arguments_(arguments), snapshot_(std::move(snapshot)) {}

    int run();

 private:
    Result<void> open_metrics();
    void set_gauges();
    Result<void> fork_child(Child& child);
    void reload();
    void reap();
    void stop();
    bool is_any_alive() const;
    const MilterOptions& options() const { return snapshot_->configuration->milter; }

    const RoleArguments& arguments_;
    SnapshotPtr snapshot_;
    UniqueFd signals_;
    UniqueFd metrics_listener_;
    std::shared_ptr<Metrics> metrics_;
    std::vector<Child> children_;
    bool is_stopping_ = false;
};

Result<void> Parent::fork_child(Child& child) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail_errno("socketpair");
    child.control = UniqueFd(ends[0]);
    const UniqueFd theirs(ends[1]);
    const pid_t parent = ::getpid();
    child.pid = ::fork();
    if (child.pid < 0) return fail_errno("fork");
    if (child.pid > 0) return {};
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(kExitOs);
    for (auto& sibling : children_) sibling.control.reset();
    metrics_listener_.reset();
    ::_exit(run_milter_child(snapshot_, theirs.get(), metrics_));
}

void Parent::reload() {
    auto record = receive_record(arguments_.control_fd, Deadline::in(kTellTime));
    if (!record || !*record || !(*record)->fd) {
        is_stopping_ = true;  // cordond is gone
        return;
    }
    auto snapshot = read_handover((*record)->fd.get());
    if (!snapshot) {
        log::error("reload-failed", {{"error", snapshot.error().what}});
        return;
    }
    snapshot_ = std::move(*snapshot);
    for (auto& child : children_) {
        auto copy = write_handover(*snapshot_->configuration, snapshot_->catalogue);
        const auto sent = copy ? send_record(child.control.get(), "handover", copy->get(),
                                             Deadline::in(kTellTime))
                               : tl::unexpected(copy.error());
        if (!sent) log::error("reload-failed", {{"pid", child.pid}, {"error", sent.error().what}});
    }
    set_gauges();
    metrics_->count(Metric::reloads);
    log::info("milter-reloaded");
}

void Parent::reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        for (auto& child : children_) {
            if (child.pid != pid) continue;
            child.pid = -1;
            if (is_stopping_) continue;
            log::error(
                "milter-process-died",
                {{"pid", pid}, {"ending", describe_exit(status)}, {"action", "restarting it"}});
            metrics_->count(Metric::process_restarts);
            std::this_thread::sleep_for(kRestartPause);
            if (auto done = fork_child(child); !done)
                log::error("failed", {{"error", done.error().what}});
        }
    }
}

bool Parent::is_any_alive() const {
    return std::any_of(children_.begin(), children_.end(), [](const auto& c) { return c.pid > 0; });
}

void Parent::stop() {
    is_stopping_ = true;
    for (const auto& child : children_)
        if (child.pid > 0) ::kill(child.pid, SIGTERM);
    const auto deadline = Deadline::in(kStopTime);
    while (is_any_alive() && !deadline.is_over()) {
        // Each accept() that returns lets one libmilter see its SIGTERM; it polls only every 5 s.
        touch_listener(options().socket);
        pollfd entry{signals_.get(), POLLIN, 0};
        ::poll(&entry, 1, 10);
        signalfd_siginfo info{};
        if (entry.revents != 0) static_cast<void>(!::read(signals_.get(), &info, sizeof info));
        reap();
    }
    for (const auto& child : children_)
        if (child.pid > 0) ::kill(child.pid, SIGKILL);
    remove_listener(options().socket);
}

void Parent::set_gauges() {
    const auto& c = *snapshot_->configuration;
    metrics_->set(Metric::workers, "content", c.scanner.workers);
    metrics_->set(Metric::workers, "antivirus", c.clamav.enabled ? c.scanner.workers : 0);
}

Result<void> Parent::open_metrics() {
    auto metrics = Metrics::shared();
    if (!metrics) return tl::unexpected(metrics.error());
    metrics_ = std::move(*metrics);
    metrics_->set(Metric::start_time, "", static_cast<std::uint64_t>(unix_time()));
    set_gauges();
    auto listener = open_metrics_listener(*snapshot_->configuration);
    if (!listener) return tl::unexpected(listener.error());
    metrics_listener_ = std::move(*listener);
    return {};
}

int Parent::run() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int s : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&signals, s);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    signals_ = UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC));
    // libmilter opens no socket for a filter that it does not know; the children inherit both.
    if (::smfi_register(milter_description()) != MI_SUCCESS)
        return role_failure(arguments_, kExitSoftware, {"libmilter refused our description"});
    libmilter::watch();
    const auto listener = open_listener(options());
    if (!listener) return role_failure(arguments_, kExitUnavailable, listener.error());
    if (auto done = open_metrics(); !done)
        return role_failure(arguments_, kExitUnavailable, done.error());
    children_.resize(options().processes);
    for (auto& child : children_)
        if (auto done = fork_child(child); !done)
            return role_failure(arguments_, kExitOs, done.error());
    log::info("milter-started",
              {{"socket", to_text(options().socket)}, {"processes", options().processes}});
    role_ready(arguments_);
    while (!is_stopping_) {
        // A descriptor of -1 is passed over.
        std::array<pollfd, 3> entries{{{signals_.get(), POLLIN, 0},
                                       {arguments_.control_fd, POLLIN, 0},
                                       {metrics_listener_.get(), POLLIN, 0}}};
        if (::poll(entries.data(), entries.size(), -1) < 0) continue;
        if (entries[1].revents != 0) reload();
        if (entries[2].revents != 0) {
            const auto keeper = snapshot_->configuration->socket_path("keeper");
            refresh_learning_metrics(*metrics_, keeper);
            refresh_keeping_metrics(*metrics_, keeper);
            serve_metrics(metrics_listener_.get(), *metrics_);
        }
        if (entries[0].revents == 0) continue;
        signalfd_siginfo info{};
        if (::read(signals_.get(), &info, sizeof info) != sizeof info) continue;
        if (info.ssi_signo == SIGCHLD)
            reap();
        else if (info.ssi_signo != SIGHUP)
            break;  // reload goes by the control socket
    }
    stop();
    return kExitOk;
}

}  // namespace
}  // namespace cordon

int main(int argc, char** argv) {
    const auto arguments = cordon::parse_role_arguments(argc, argv, "cordon-milter");
    if (!arguments) return cordon::kExitUsage;
    auto snapshot = cordon::read_handover(arguments->config_fd);
    if (!snapshot) return cordon::role_failure(*arguments, cordon::kExitConfig, snapshot.error());
    const auto& log = (*snapshot)->configuration->log;
    cordon::log::open("cordon-milter", log.target, log.format, log.level);
    cordon::Parent parent(*arguments, std::move(*snapshot));
    return parent.run();
}
