// SPDX-License-Identifier: GPL-2.0-only
// The zygote of a pool: one thread, everything loaded, scans nothing. It forks workers ahead,
// replaces those that end, kills those that outlast their message, and ends when it is told to.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <string>
#include <vector>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"
#include "conf/base/result.h"
#include "scoring/scanner/scan_task.h"
#include "scoring/scanner/scanner_options.h"
#include "scoring/scanner/status_page.h"
#include "scoring/scanner/worker.h"

namespace cordon {

/// What a forked worker does, to its end; run_worker unless a test puts a hostile one in its place.
using WorkerMain = void (*)(const ScannerOptions& options, const WorkerPlace& place, Status& status,
                            ScanTask& task);

class Zygote {
 public:
    /// Listener and control socket are borrowed.
    Zygote(const ScannerOptions& options, ScanTask& task, int listener, int control,
           WorkerMain worker_main = run_worker);

    /// Serves until it is drained; the exit code of the program.
    int run();

 private:
    struct Worker {
        pid_t pid = 0;
        Steady::time_point born;
        StatusPage status;
        UniqueFd start;   // one byte: it may accept; closed: it may no more
        UniqueFd report;  // gone once it was read
        bool is_ready = false;
        bool is_working = false;
        Steady::time_point began;           // to accept messages
        std::uint64_t memory_at_first = 0;  // anonymous, when it began
    };
    enum class Phase : std::uint8_t { starting, serving, draining, failed };

    Result<void> set_up();
    Result<void> fork_worker();
    void keep_pool_full();
    void put_to_work();
    void wait();
    void hear_control();
    void hear_signals();
    void hear_report(Worker& worker);
    void reap();
    void bury(Worker& worker, int status);
    void kill_late_workers();
    void retire_grown_workers();
    void drain(Milliseconds limit);
    void fail_start(const std::string& why);
    void back_off();
    int poll_timeout() const;
    std::string folder_of(pid_t worker) const;
    bool is_forking() const { return phase_ == Phase::starting || phase_ == Phase::serving; }

    const ScannerOptions& options_;
    ScanTask& task_;
    int listener_;
    int control_;
    WorkerMain worker_main_;
    Phase phase_ = Phase::starting;
    std::vector<Worker> workers_;
    UniqueFd signals_;
    UniqueFd drain_read_;
    UniqueFd drain_write_;
    unsigned failed_starts_ = 0;
    Deadline next_fork_ = Deadline::in(Milliseconds(0));
    Deadline drain_end_ = Deadline::in(Milliseconds(0));
    bool has_warned_ = false;
};

}  // namespace cordon
