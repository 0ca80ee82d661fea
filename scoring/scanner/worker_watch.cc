// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/worker_watch.h"

#include <unistd.h>

#include <cstdio>

#include "conf/base/file_descriptor.h"
#include "scoring/scanner/worker.h"

namespace cordon {

namespace {

constexpr Milliseconds kStartLimit{60'000};  // sandbox and canaries

Steady::time_point point(std::int64_t ns) {
    return Steady::time_point(Steady::duration(ns));
}

}  // namespace

std::string reason_to_kill(const WorkerView& worker, const ScannerOptions& options,
                           Steady::time_point now) {
    const bool has_begun = worker.began != Steady::time_point();
    const auto longest = options.timeout + kKillAfter;
    if (!worker.is_ready && now > worker.born + kStartLimit) return "was not ready in time";
    if (worker.deadline_ns != 0) {
        if (now > point(worker.deadline_ns) + kKillAfter)
            return "ran past the deadline of its message";
        if (point(worker.deadline_ns) > now + longest) return "gave itself more time than it has";
    }
    if (!has_begun) return {};
    if (now > worker.began + options.worker_age + longest) return "outlived its time";
    // One that has just begun has not written yet.
    const auto alive = worker.alive_ns == 0 ? worker.began : point(worker.alive_ns);
    if (alive > now + kKillAfter) return "claims to be alive in the future";
    if (now > alive + longest + kHeartbeat) return "gave no sign of life";
    return {};
}

std::uint64_t anonymous_bytes(pid_t pid) {
    const auto statm = read_file("/proc/" + std::to_string(pid) + "/statm", 4096);
    unsigned long resident = 0;
    unsigned long of_files = 0;
    if (!statm || std::sscanf(statm->c_str(), "%*u %lu %lu", &resident, &of_files) != 2) return 0;
    if (of_files > resident) return 0;
    return std::uint64_t{resident - of_files} * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace cordon
