// SPDX-License-Identifier: GPL-2.0-only
// Guarded<T>: data that can be reached only through its lock. No lock is held across I/O.
#pragma once

#include <mutex>
#include <utility>

namespace cordon {

template <typename T>
class Guarded {
 public:
    Guarded() = default;
    explicit Guarded(T value) : value_(std::move(value)) {}

    /// Runs `use(T&)` with the lock held and returns what it returns.
    template <typename Use>
    decltype(auto) with(Use&& use) {
        const std::lock_guard lock(mutex_);
        return std::forward<Use>(use)(value_);
    }

 private:
    std::mutex mutex_;
    T value_{};
};

}  // namespace cordon
