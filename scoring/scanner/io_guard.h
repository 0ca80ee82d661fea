// SPDX-License-Identifier: GPL-2.0-only
// libclamav answers "clean" when it could not write, open or allocate what it needed. The guard
// counts such failures while a scan runs; io_interpose.h defines the libc calls that report to it.
// A result under which a failure was counted is never clean.
#pragma once

#include <string>

namespace cordon::io_guard {

/// What failed during one scan.
struct Failures {
    unsigned io = 0;      // calls on files that failed for want of a resource, or at all
    unsigned space = 0;   // of them: no room left in the temporary space
    unsigned memory = 0;  // allocations refused
    int first_error = 0;  // errno of the first
    const char* first_call = "";

    bool any() const { return io > 0 || memory > 0; }
    std::string to_string() const;  // "write: No space left on device (3 failures)"
};

/// True when the libc calls of this program report here; false means that no scan may be trusted.
bool is_active();

/// Starts counting from zero. One scan at a time: a worker has one thread.
void begin();
/// Stops counting.
Failures end();

/// For the interposed calls only; async-signal-safe, keeps errno.
void report_io(const char* call) noexcept;
void report_memory(const char* call) noexcept;

}  // namespace cordon::io_guard
