// SPDX-License-Identifier: GPL-2.0-only
// One page of memory that a worker shares with its zygote, and with nobody else. The zygote takes
// what it reads there for a hint (worker_watch.h): a worker that is caught lying dies, one that is
// not dies by its age.
#pragma once

#include <atomic>
#include <cstdint>

#include "conf/base/result.h"

namespace cordon {

struct Status {
    std::atomic<std::int64_t> deadline_ns =
        0;  // of the message in hand on the monotonic clock; 0: none
    std::atomic<std::uint32_t> messages = 0;  // answered so far
    std::atomic<std::int64_t> alive_ns = 0;   // when it last looked for work; 0: not yet
};

/// Owns the mapping; a fork shares it.
class StatusPage {
 public:
    static Result<StatusPage> make();
    StatusPage(StatusPage&& other) noexcept : status_(other.status_) { other.status_ = nullptr; }
    StatusPage& operator=(StatusPage&& other) noexcept {
        std::swap(status_, other.status_);
        return *this;
    }
    ~StatusPage();

    Status& operator*() const { return *status_; }
    Status* operator->() const { return status_; }

 private:
    explicit StatusPage(Status* status) : status_(status) {}
    Status* status_;
};

}  // namespace cordon
