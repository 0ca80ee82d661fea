// SPDX-License-Identifier: GPL-2.0-only
// The alarm: one mail a day to the postmaster of the quarantine mailbox's domain while something
// needs a person: a release that does not get through, a full vault, a lost seal key, or virus
// signatures that nobody renews.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conf/configuration.h"
#include "quarantine/keeper/client.h"

namespace cordon {

struct KeepingStatus;

/// Seconds since the newest file of the folder was written; nothing when there is none.
std::optional<std::int64_t> signature_age(const std::string& folder, std::int64_t now);

/// One sentence each.
std::vector<std::string> find_troubles(const Configuration& configuration,
                                       const KeepingStatus& keeping, std::int64_t now);

/// The whole message; `from` is also the recipient.
std::string alarm_mail(const std::string& address, const std::string& host,
                       const std::vector<std::string>& troubles, std::int64_t now);

class Alarm {
 public:
    Alarm(ConfigurationPtr configuration, KeeperClient keeper);
    /// Looks now and then; cheap in between.
    void tick();

 private:
    Result<void> send(const std::vector<std::string>& troubles) const;

    ConfigurationPtr configuration_;
    KeeperClient keeper_;
    Deadline next_look_;
};

}  // namespace cordon
