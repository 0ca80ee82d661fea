// SPDX-License-Identifier: GPL-2.0-only
// Whoever sends passes it right before the final dot, and leaves when what the server answered is
// recorded. It can be closed for good: then nobody is inside, and nobody comes in. So an orderly
// end of the process costs no second copy, however often it is asked to end; and after the death
// of cordond, with which the keeper ends, nothing more is sent whose answer nobody would record.
#pragma once

#include <condition_variable>
#include <mutex>

#include "conf/base/clock.h"

namespace cordon {

class ReleaseGate {
 public:
    class Pass {
     public:
        Pass() = default;
        explicit Pass(ReleaseGate* gate) : gate_(gate) {}
        Pass(Pass&& other) noexcept : gate_(other.gate_) { other.gate_ = nullptr; }
        Pass& operator=(Pass&&) = delete;
        ~Pass() { leave(); }
        explicit operator bool() const { return gate_ != nullptr; }
        void leave();

     private:
        ReleaseGate* gate_ = nullptr;
    };

    /// False once the gate is closed: then nothing may be sent any more.
    Pass enter();
    /// From another thread. Waits until nobody is inside, but no longer than `patience`.
    void close(Milliseconds patience);

 private:
    std::mutex mutex_;
    std::condition_variable left_;
    int inside_ = 0;
    bool is_closed_ = false;
};

}  // namespace cordon
