// SPDX-License-Identifier: GPL-2.0-only
// When the zygote puts an end to a worker: by its own clock, and by what the worker's page says as
// far as that can be true. Nothing that a worker writes there lengthens its life.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "conf/base/clock.h"
#include "scoring/scanner/scanner_options.h"

namespace cordon {

/// A worker as its zygote sees it.
struct WorkerView {
    Steady::time_point born;
    Steady::time_point began;  // to accept messages; the epoch: not yet
    bool is_ready = false;
    std::int64_t deadline_ns = 0;  // of its page
    std::int64_t alive_ns = 0;     // of its page
};

/// Why the worker must be killed, empty when it need not.
std::string reason_to_kill(const WorkerView& worker, const ScannerOptions& options,
                           Steady::time_point now);

/// Past a deadline until the worker is killed: its own alarm came first.
constexpr Milliseconds kKillAfter{1000};

/// Anonymous memory of a process by /proc/PID/statm, what it shares with its zygote included; 0
/// where that can't be read.
std::uint64_t anonymous_bytes(pid_t pid);

}  // namespace cordon
