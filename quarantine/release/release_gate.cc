// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/release/release_gate.h"

namespace cordon {

ReleaseGate::Pass ReleaseGate::enter() {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return {};
    ++inside_;
    return Pass(this);
}

void ReleaseGate::Pass::leave() {
    if (gate_ == nullptr) return;
    {
        const std::lock_guard lock(gate_->mutex_);
        --gate_->inside_;
    }
    gate_->left_.notify_all();
    gate_ = nullptr;
}

void ReleaseGate::close(Milliseconds patience) {
    std::unique_lock lock(mutex_);
    is_closed_ = true;
    left_.wait_for(lock, patience, [this] { return inside_ == 0; });
}

}  // namespace cordon
