// SPDX-License-Identifier: GPL-2.0-only
// The mailbox half of cordon-review: keeps a session and the watches alive, decides when to look
// and when to sweep, and says in one place what stands in the way.
#pragma once

#include <poll.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "quarantine/review/folder_watch.h"
#include "quarantine/review/mailbox_probe.h"
#include "quarantine/review/review_session.h"
#include "quarantine/review/review_status.h"

namespace cordon {

class ReviewAgent {
 public:
    ReviewAgent(ConfigurationPtr configuration, ImapServer server, const KeeperClient& keeper);

    /// What is due now: connects, looks, sweeps. Never fails; each call to a server has a deadline.
    /// True when something was ordered.
    bool tick();
    /// Look at the keeper's changes with the next tick.
    void hurry() { look_at_ = {}; }
    void add_descriptors(std::vector<pollfd>& to) const;
    Steady::time_point due() const;

 private:
    void connect();
    Result<void> work();
    void watch();
    void trouble(const std::string& what, std::string_view action);
    void lost(const Error& why);

    ConfigurationPtr configuration_;
    ImapServer server_;
    const KeeperClient& keeper_;
    ArrivalCount arrivals_;
    std::unique_ptr<ReviewSession> session_;
    MailboxProbe probe_;
    std::vector<FolderWatch> watches_;
    std::set<std::size_t> changed_;
    Steady::time_point connect_at_{};
    Steady::time_point look_at_{};
    Steady::time_point poll_at_{};
    Steady::time_point sweep_at_{};
    Milliseconds pause_{};
    ReviewStatus status_;
    ReviewStatus written_;
};

}  // namespace cordon
