// SPDX-License-Identifier: GPL-2.0-only
// Sends the digests that the keeper says are due, one at a time, through the listener of releases.
#pragma once

#include "conf/base/clock.h"
#include "conf/configuration.h"
#include "quarantine/keeper/digest_messages.h"

namespace cordon {

/// Sends one that was taken, and records what came of it. The error says why it was not sent.
Result<void> send_digest(const Configuration& configuration, const TakeDigestAnswer& job);

class DigestDispatch {
 public:
    explicit DigestDispatch(ConfigurationPtr configuration);
    /// Asks now and then; cheap in between. Sends at most one.
    void tick();

 private:
    ConfigurationPtr configuration_;
    bool is_wanted_ = false;  // by any policy
    Deadline next_look_;
};

}  // namespace cordon
