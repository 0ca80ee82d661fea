// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/store_thread.h"

#include <algorithm>
#include <utility>

namespace cordon {

namespace {
constexpr Milliseconds kTick{500};
constexpr Milliseconds kLongestPause{10'000};  // between two attempts
constexpr Milliseconds kComplaint{600'000};
}  // namespace

StoreThread::StoreThread(Guarded<SharedStatus>& status, Work work)
    : status_(status), work_(std::move(work)), thread_([this] { run(); }) {}

StoreThread::~StoreThread() {
    stop();
}

void StoreThread::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool StoreThread::wait(Milliseconds time) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, time, [this] { return is_stopping_; });
}

void StoreThread::run() {
    Milliseconds pause = kTick;
    for (;;) {
        const auto done = work_.turn();
        if (done) {
            note_success();
            pause = *done ? Milliseconds(0) : kTick;
        } else {
            work_.after_failure();
            note_failure(done.error());
            pause = std::min(std::max(2 * pause, kTick), kLongestPause);
        }
        if (!wait(pause)) return;
    }
}

void StoreThread::note_failure(const Error& error) {
    const auto [is_first, waiting] = status_.with([&](SharedStatus& status) {
        const bool is_new = status.error.empty();
        status.is_connected = false;
        status.error = error.what;
        ++status.errors;
        return std::pair(is_new, status.waiting);
    });
    if (is_first) lost_since_ = Steady::now();
    if (!is_first && !next_complaint_.is_over()) return;
    next_complaint_ = Deadline::in(kComplaint);
    work_.say_lost(error, waiting);
}

void StoreThread::note_success() {
    const auto [was_lost, waiting] = status_.with([](SharedStatus& status) {
        const bool was = !status.error.empty();
        status.error.clear();
        status.is_connected = true;
        return std::pair(was, status.waiting);
    });
    if (!was_lost) return;
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(Steady::now() - lost_since_).count();
    work_.say_back(seconds, waiting);
}

}  // namespace cordon
