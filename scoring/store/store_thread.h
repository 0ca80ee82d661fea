// SPDX-License-Identifier: GPL-2.0-only
// A thread that exchanges something with the shared store, turn after turn, with growing pauses
// while that fails. When the store is lost and when it is back the log says so once.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "conf/base/clock.h"
#include "conf/base/guarded.h"
#include "conf/base/result.h"
#include "scoring/store/shared_status.h"

namespace cordon {

class StoreThread {
 public:
    struct Work {
        std::function<Result<bool>()> turn;  // true: there may be more to do at once
        std::function<void()> after_failure;
        /// The line of the log: with how much waits here, and for how many seconds it was lost.
        std::function<void(const Error& error, std::uint64_t waiting)> say_lost;
        std::function<void(std::int64_t seconds, std::uint64_t waiting)> say_back;
    };
    /// `status` is borrowed: its error, connection and waiting events are kept up here.
    StoreThread(Guarded<SharedStatus>& status, Work work);
    ~StoreThread();
    StoreThread(const StoreThread&) = delete;
    StoreThread& operator=(const StoreThread&) = delete;

    /// The last turn is over when this returns.
    void stop();

 private:
    void run();
    void note_failure(const Error& error);
    void note_success();
    bool wait(Milliseconds time);  // false: the end

    Guarded<SharedStatus>& status_;
    Work work_;
    Deadline next_complaint_{Steady::time_point()};
    Steady::time_point lost_since_{};
    std::mutex mutex_;
    std::condition_variable wake_;
    bool is_stopping_ = false;
    std::jthread thread_;  // the last member: it uses the others
};

}  // namespace cordon
