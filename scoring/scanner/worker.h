// SPDX-License-Identifier: GPL-2.0-only
// A worker: enters the sandbox, proves itself on the canaries, then takes messages from the pool's
// listener until it is drained, has had its share, or meets a message that it doesn't survive.
#pragma once

#include <sys/types.h>

#include <string>

#include "conf/base/clock.h"
#include "scoring/scanner/scan_task.h"
#include "scoring/scanner/scanner_options.h"
#include "scoring/scanner/status_page.h"

namespace cordon {

/// An idle worker says at least this often that it is alive.
constexpr Milliseconds kHeartbeat{2'000};

/// Exit code of a worker whose message took too long (EX_TEMPFAIL).
constexpr int kExitDeadline = 75;
/// Exit code of a worker that no longer finds its canaries.
constexpr int kExitCanary = 76;

/// Descriptors are borrowed from the zygote's, which the fork copied.
struct WorkerPlace {
    int listener = -1;
    int drain = -1;   // hangs up when the zygote wants no more messages taken
    int start = -1;   // one byte: begin to accept (a spare waits for it); its end: no more
    int report = -1;  // the worker writes one WorkerReport
    pid_t zygote = 0;
    std::string folder;  // temporary files, where the sandbox can't give a private one
};

/// First byte of the report: whether the canaries passed; the rest: what failed, or the layers of
/// the sandbox that are missing, a line each.
constexpr char kReady = '+';
constexpr char kNotReady = '-';

[[noreturn]] void run_worker(const ScannerOptions& options, const WorkerPlace& place,
                             Status& status, ScanTask& task);

}  // namespace cordon
