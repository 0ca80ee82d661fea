// SPDX-License-Identifier: GPL-2.0-only
// A real pool for tests: a zygote in a child process with sandboxed workers, whose task does what
// the message says.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "conf/base/file_descriptor.h"
#include "conf/role.h"
#include "scoring/scanner/client.h"
#include "scoring/scanner/scan_task.h"
#include "scoring/scanner/scanner_options.h"
#include "scoring/scanner/zygote.h"

namespace cordon::test {

/// Counts across all processes of a test.
struct Counters {
    std::atomic<int> canaries = 0;
    std::atomic<int> messages = 0;
    std::atomic<int> crashes = 0;
    std::atomic<pid_t> is_blind = 0;  // this worker fails its canaries
};

class PoolFixture {
 public:
    using Answer = std::function<std::string(std::string_view message, Counters&)>;

    explicit PoolFixture(Answer answer, unsigned workers = 1, PoolKind kind = PoolKind::content,
                         Milliseconds timeout = Milliseconds(20'000));
    PoolFixture(Answer answer, const ScannerOptions& options);
    /// Any task; `make` runs in the zygote.
    PoolFixture(std::function<std::unique_ptr<ScanTask>()> make, const ScannerOptions& options,
                WorkerMain worker_main = run_worker);
    ~PoolFixture();

    /// What the zygote said when it was ready or failed.
    const RoleNotice& notice() const { return notice_; }
    const std::string& path() const { return path_; }
    Counters& counters() { return *counters_; }
    pid_t zygote() const { return zygote_; }

    ScanAnswer scan(const std::string& message, Milliseconds timeout = Milliseconds(20'000)) const;
    void close_control() { control_.reset(); }
    /// The zygote's exit status, as of waitpid.
    int wait();

 private:
    void start(const std::function<std::unique_ptr<ScanTask>()>& make, WorkerMain worker_main);

    ScannerOptions options_;
    std::string folder_;
    std::string path_;
    UniqueFd listener_;
    UniqueFd control_;
    Counters* counters_;
    pid_t zygote_ = 0;
    RoleNotice notice_;
};

/// A sealed memfd with the text.
UniqueFd message_of(const std::string& text);

}  // namespace cordon::test
