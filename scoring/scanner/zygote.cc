// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/zygote.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "conf/base/digest.h"
#include "conf/base/log.h"
#include "conf/base/program.h"
#include "conf/base/text.h"
#include "conf/role.h"
#include "scoring/scanner/sandbox.h"
#include "scoring/scanner/syscall_filter.h"
#include "scoring/scanner/worker_watch.h"

namespace cordon {

namespace {

constexpr Milliseconds kTick{1000};        // how often the status pages are looked at
constexpr Milliseconds kStopLimit{3'000};  // SIGTERM
constexpr Milliseconds kFirstBackOff{100};
constexpr unsigned kMaxBackOffSteps = 7;  // 12.8 s

unsigned count_threads() {
    std::error_code error;
    const std::filesystem::directory_iterator threads("/proc/self/task", error);
    return error ? 0 : static_cast<unsigned>(std::distance(begin(threads), end(threads)));
}

Result<std::pair<UniqueFd, UniqueFd>> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe");
    return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

std::string ending(int status) {
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return code == kExitDeadline ? "ran past the deadline of its message"
           : code == kExitCanary ? "no longer finds its canaries"
                                 : describe_exit(status);
}

bool is_quiet(int status) {
    return WIFEXITED(status) && WEXITSTATUS(status) == kExitOk;
}

const char* pool_name(PoolKind pool) {
    return pool == PoolKind::content ? "content" : "antivirus";
}

}  // namespace

Zygote::Zygote(const ScannerOptions& options, ScanTask& task, int listener, int control,
               WorkerMain worker_main)
    : options_(options),
      task_(task),
      listener_(listener),
      control_(control),
      worker_main_(worker_main) {}

int Zygote::run() {
    if (auto ready = set_up(); !ready) {
        fail_start(ready.error().what);
        return kExitUnavailable;
    }
    for (;;) {
        keep_pool_full();
        put_to_work();
        if (!is_forking() && workers_.empty()) break;
        wait();
        reap();
        kill_late_workers();
        retire_grown_workers();
    }
    return phase_ == Phase::failed ? kExitUnavailable : kExitOk;
}

Result<void> Zygote::set_up() {
    ::prctl(PR_SET_NAME, options_.pool == PoolKind::content ? "content-zygote" : "av-zygote", 0, 0,
            0);
    // In a container that knows no other user the remaining layers must do.
    if (auto dropped = drop_root(); !dropped)
        log::warn("sandbox-layer-missing",
                  {{"pool", pool_name(options_.pool)},
                   {"layer", std::string(kSandboxLayers.front()) + ": " + dropped.error().what}});
    // A change of user has reset it; the end of the control socket says the same.
    if (auto tied = die_with(0, SIGTERM); !tied) return tied;
    remember_system_call_names();
    static_cast<void>(sha256_hex(""));  // OpenSSL reads its configuration now, not in a worker
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t heard;
    ::sigemptyset(&heard);
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&heard, signal);
    if (::sigprocmask(SIG_BLOCK, &heard, nullptr) != 0) return fail_errno("sigprocmask");
    signals_.reset(::signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) return fail_errno("signalfd");
    auto pipe = make_pipe();
    if (!pipe) return tl::unexpected(pipe.error());
    drain_read_ = std::move(pipe->first);
    drain_write_ = std::move(pipe->second);
    if (::fcntl(listener_, F_SETFL, ::fcntl(listener_, F_GETFL) | O_NONBLOCK) != 0)
        return fail_errno("listener");
    return {};
}

// Workers, and one to spare: it is through its canaries when another one dies. Only one is tried at
// first, and again one after failures, so that a broken database is reported once.
void Zygote::keep_pool_full() {
    while (is_forking() && next_fork_.is_over()) {
        const bool is_trying = phase_ == Phase::starting || failed_starts_ > 0;
        const std::size_t wanted = is_trying ? 1 : options_.workers + 1;
        const auto ready = std::count_if(workers_.begin(), workers_.end(),
                                         [](const Worker& worker) { return worker.is_ready; });
        const std::size_t unproven = workers_.size() - static_cast<std::size_t>(ready);
        const bool is_full = workers_.size() > options_.workers;
        if (is_full || (is_trying ? unproven : workers_.size()) >= wanted) return;
        if (auto forked = fork_worker(); !forked) {
            if (phase_ == Phase::starting) return fail_start(forked.error().what);
            log::error("worker-not-started",
                       {{"pool", pool_name(options_.pool)}, {"reason", forked.error().what}});
            back_off();
        }
    }
}

// Exists only where the sandbox can't give the worker a folder of its own.
std::string Zygote::folder_of(pid_t worker) const {
    if (options_.pool != PoolKind::antivirus) return {};
    return options_.temp_directory + "/cordon-av-" + std::to_string(worker);
}

Result<void> Zygote::fork_worker() {
    if (count_threads() != 1) return fail("the zygote has more than one thread");
    auto start = make_pipe();
    auto report = make_pipe();
    auto status = StatusPage::make();
    if (!start || !report || !status) return fail_errno("a new worker");
    Worker worker{0, Steady::now(), std::move(*status), {}, {}, false, false, {}, 0};
    const pid_t zygote = ::getpid();
    worker.pid = ::fork();
    if (worker.pid < 0) return fail_errno("fork");
    if (worker.pid == 0) {
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::signal(signal, SIG_IGN);
        workers_.clear();  // the other workers' status pages are none of its business
        const WorkerPlace place{
            listener_, drain_read_.get(),    start->first.get(), report->second.get(),
            zygote,    folder_of(::getpid())};
        worker_main_(options_, place, *worker.status, task_);
        ::_exit(kExitOk);
    }
    worker.start = std::move(start->second);
    worker.report = std::move(report->first);
    workers_.push_back(std::move(worker));
    return {};
}

// As many as configured accept messages; the rest are spares.
void Zygote::put_to_work() {
    if (phase_ != Phase::serving) return;
    std::size_t working = 0;
    for (const auto& worker : workers_) working += worker.is_working ? 1U : 0U;
    for (auto& worker : workers_) {
        if (working >= options_.workers) return;
        if (!worker.is_ready || worker.is_working || !worker.start) continue;
        worker.memory_at_first = anonymous_bytes(worker.pid);
        static_cast<void>(write_all(worker.start.get(), "!"));
        worker.began = Steady::now();
        worker.is_working = true;
        ++working;
    }
}

int Zygote::poll_timeout() const {
    auto next = Deadline::in(kTick);
    if (is_forking() && !next_fork_.is_over()) next = next.or_earlier(next_fork_);
    if (!is_forking()) next = next.or_earlier(drain_end_);
    return next.poll_timeout();
}

void Zygote::wait() {
    std::vector<pollfd> entries{{control_, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
    for (const auto& worker : workers_)
        entries.push_back({worker.report ? worker.report.get() : -1, POLLIN, 0});
    if (::poll(entries.data(), entries.size(), poll_timeout()) <= 0) return;
    for (std::size_t i = 2; i < entries.size(); ++i) {
        if (entries[i].revents != 0) hear_report(workers_[i - 2]);
    }
    if (entries[1].revents != 0) hear_signals();
    if (entries[0].revents != 0) hear_control();
}

void Zygote::hear_control() {
    std::array<char, 64> word{};
    const auto size = ::recv(control_, word.data(), word.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    // Whatever it says, and also when it is gone: no more messages for this zygote.
    control_ = -1;
    drain(options_.timeout + kKillAfter);
}

void Zygote::hear_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) drain(kStopLimit);
    }
}

void Zygote::hear_report(Worker& worker) {
    auto text = read_all(worker.report.get(), 64 * 1024);
    worker.report.reset();
    // One that wrote nothing died, and is buried as soon as its end is known.
    if (!text || text->empty()) return;
    const std::string words(trim(std::string_view(*text).substr(1)));
    if (text->front() != kReady) {
        if (phase_ == Phase::starting) return fail_start(words);
        log::error("worker-not-ready", {{"pool", pool_name(options_.pool)}, {"reason", words}});
        return;
    }
    worker.is_ready = true;
    failed_starts_ = 0;
    if (!words.empty() && !has_warned_) {
        has_warned_ = true;
        for (const auto layer : split(words, '\n'))
            log::warn("sandbox-layer-missing",
                      {{"pool", pool_name(options_.pool)}, {"layer", layer}});
    }
    if (phase_ != Phase::starting) return;
    phase_ = Phase::serving;
    std::string notice(words);
    if (const auto loaded = task_.signatures(); loaded > 0)
        notice = std::string(kSignaturesLoaded) + std::to_string(loaded) + "\n" + notice;
    static_cast<void>(send_notice(control_, {true, notice}));
}

void Zygote::reap() {
    for (;;) {
        int status = 0;
        const pid_t pid = ::waitpid(-1, &status, WNOHANG);
        if (pid <= 0) return;
        const auto found = std::find_if(workers_.begin(), workers_.end(),
                                        [pid](const Worker& worker) { return worker.pid == pid; });
        if (found == workers_.end()) continue;
        bury(*found, status);
        workers_.erase(found);
    }
}

void Zygote::bury(Worker& worker, int status) {
    if (worker.report) hear_report(worker);
    if (const auto folder = folder_of(worker.pid); !folder.empty()) {
        std::error_code error;
        std::filesystem::remove_all(folder, error);
    }
    if (!is_forking() || is_quiet(status)) return;
    const auto why = "worker " + std::to_string(worker.pid) + " " + ending(status);
    if (!worker.is_ready) {
        if (phase_ == Phase::starting) return fail_start(why + " before it was ready");
        back_off();
    }
    log::warn("worker-died", {{"pool", pool_name(options_.pool)},
                              {"reason", why},
                              {"messages", worker.status->messages.load()}});
}

void Zygote::kill_late_workers() {
    for (const auto& worker : workers_) {
        const WorkerView view{worker.born, worker.began, worker.is_ready,
                              worker.status->deadline_ns, worker.status->alive_ns};
        const auto why = reason_to_kill(view, options_, Steady::now());
        if (!why.empty())
            log::warn("worker-killed",
                      {{"pool", pool_name(options_.pool)},
                       {"reason", "worker " + std::to_string(worker.pid) + " " + why}});
        if (!why.empty() || (!is_forking() && drain_end_.is_over())) ::kill(worker.pid, SIGKILL);
    }
}

// Memory that a worker does not give back ends with it, after the message in hand.
void Zygote::retire_grown_workers() {
    for (auto& worker : workers_) {
        if (!worker.is_working || worker.memory_at_first == 0) continue;
        if (anonymous_bytes(worker.pid) < worker.memory_at_first + options_.worker_growth) continue;
        log::info("worker-retired", {{"pool", pool_name(options_.pool)},
                                     {"reason", "worker " + std::to_string(worker.pid) + " grew"},
                                     {"messages", worker.status->messages.load()}});
        worker.start.reset();
        worker.is_working = false;
    }
}

void Zygote::drain(Milliseconds limit) {
    const auto end = Deadline::in(limit);
    drain_end_ = is_forking() ? end : drain_end_.or_earlier(end);
    if (is_forking()) phase_ = Phase::draining;
    drain_write_.reset();
    for (auto& worker : workers_) worker.start.reset();
}

void Zygote::fail_start(const std::string& why) {
    if (phase_ == Phase::failed) return;
    log::error("scanner-failed", {{"pool", pool_name(options_.pool)}, {"reason", why}});
    static_cast<void>(send_notice(control_, {false, why}));
    drain(kStopLimit);
    phase_ = Phase::failed;
}

void Zygote::back_off() {
    const auto step = std::min(failed_starts_, kMaxBackOffSteps);
    next_fork_ = Deadline::in(kFirstBackOff * (1U << step));
    ++failed_starts_;
}

}  // namespace cordon
