// SPDX-License-Identifier: GPL-2.0-only
// Deadlines on the monotonic clock; the wall clock only for what people read.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cordon {

using Milliseconds = std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

class Deadline {
 public:
    static Deadline in(Milliseconds span) { return Deadline(Steady::now() + span); }
    explicit Deadline(Steady::time_point at) : at_(at) {}

    Steady::time_point at() const { return at_; }
    bool is_over() const { return Steady::now() >= at_; }
    Milliseconds left() const {
        const auto span = std::chrono::ceil<Milliseconds>(at_ - Steady::now());
        return span < Milliseconds(0) ? Milliseconds(0) : span;
    }
    /// For poll(2).
    int poll_timeout() const {
        const auto span = left().count();
        return span > 3'600'000 ? 3'600'000 : static_cast<int>(span);
    }
    Deadline or_earlier(Deadline other) const { return other.at_ < at_ ? other : *this; }

 private:
    Steady::time_point at_;
};

/// Seconds since the epoch.
std::int64_t unix_time();

/// "2026-11-23T20:15:00Z"
std::string utc_timestamp(std::int64_t unix_seconds);

/// RFC 5322 date in UTC: "Mon, 23 Nov 2026 20:15:00 +0000"
std::string rfc5322_date(std::int64_t unix_seconds);

}  // namespace cordon
