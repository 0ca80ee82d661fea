// SPDX-License-Identifier: GPL-2.0-only
// What a service manager is told (sd_notify(3)): ready, reloading, stopping, still alive. Without
// NOTIFY_SOCKET in the environment nothing happens. The protocol is a datagram of lines; a library
// is not worth its weight for that.
#pragma once

#include <string>
#include <string_view>

#include "conf/base/clock.h"

namespace cordon {

class ServiceNotify {
 public:
    /// Takes NOTIFY_SOCKET and WATCHDOG_USEC out of the environment, so that no child answers for
    /// us.
    static ServiceNotify from_environment();
    ServiceNotify() = default;
    ServiceNotify(std::string socket, Milliseconds watchdog)
        : socket_(std::move(socket)), watchdog_(watchdog) {}

    void ready(std::string_view status) const;
    void reloading() const;
    void stopping() const;
    /// Says that we live, when half of the watchdog's time has passed since it was said last.
    void alive();
    /// How long may pass until alive() must be called; nothing is awaited: 0.
    Milliseconds interval() const { return watchdog_ / 2; }

 private:
    void send(const std::string& lines) const;

    std::string socket_;
    Milliseconds watchdog_{0};
    Steady::time_point last_{};
};

}  // namespace cordon
