// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/io_guard.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cordon::io_guard {

namespace {

// The interposed calls have no argument to carry state: the one place where the scanner keeps some.
struct State {
    bool is_counting = false;
    Failures failures;
};
State state;

void note(const char* call) noexcept {
    if (state.failures.any()) return;
    state.failures.first_error = errno;
    state.failures.first_call = call;
}

}  // namespace

void begin() {
    state = {true, {}};
}

Failures end() {
    state.is_counting = false;
    return state.failures;
}

void report_io(const char* call) noexcept {
    if (!state.is_counting) return;
    note(call);
    ++state.failures.io;
    if (errno == ENOSPC || errno == EFBIG || errno == EDQUOT) ++state.failures.space;
}

void report_memory(const char* call) noexcept {
    if (!state.is_counting) return;
    note(call);
    ++state.failures.memory;
}

bool is_active() {
    begin();
    static_cast<void>(::open("/", O_WRONLY | O_CLOEXEC));  // always refused: EISDIR
    return end().io == 1;
}

std::string Failures::to_string() const {
    if (!any()) return "no failure";
    return std::string(first_call) + ": " + std::strerror(first_error) + " (" +
           std::to_string(io + memory) + (io + memory == 1 ? " failure)" : " failures)");
}

}  // namespace cordon::io_guard
