// SPDX-License-Identifier: GPL-2.0-only
// A test message through the MTA into the quarantine mailbox and out again over IMAP.
#pragma once

#include <string>

#include "conf/configuration.h"
#include "quarantine/keeper/client.h"

namespace cordon {

class ReviewSession;

class MailboxProbe {
 public:
    MailboxProbe(ConfigurationPtr configuration, const KeeperClient& keeper)
        : configuration_(std::move(configuration)), keeper_(keeper) {}

    /// Sends a probe where there is no proof, or one was asked for, and looks for the one on its
    /// way. An error: the connection is of no use.
    Result<void> tick(ReviewSession& session);
    /// What became of the last one when it did not arrive; empty: nothing to complain of.
    const std::string& problem() const { return problem_; }

 private:
    bool is_due();
    Result<void> send();
    Result<void> look(ReviewSession& session);

    ConfigurationPtr configuration_;
    const KeeperClient& keeper_;
    std::string message_id_;  // of the probe on its way
    Steady::time_point sent_at_{};
    Steady::time_point look_at_{};
    Steady::time_point next_at_{};
    Milliseconds pause_{};
    std::string problem_;
};

}  // namespace cordon
