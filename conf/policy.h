// SPDX-License-Identifier: GPL-2.0-only
// What an address wants done with a verdict: site, domain, user; the nearest section wins key by
// key.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "conf/values.h"

namespace cordon {

struct Policy {
    Threshold tag{4};
    Threshold quarantine{6};
    Threshold reject{15};
    Action virus = Action::reject;
    Action scan_failed = Action::defer;
    Action unscanned = Action::quarantine;
    Action encrypted = Action::tag;
    Action oversize = Action::quarantine;
    WordList allow;  // author addresses or domains; counts only for an authenticated From
    WordList deny;
};

class PolicyTable {
 public:
    Policy site;

    void set_domain(std::string_view domain, Policy policy);
    void set_user(std::string_view address, Policy policy);

    /// The policy of an RFC 5321 recipient without <>: case is ignored, and so is "+extension" when
    /// the full address has no section of its own.
    const Policy& for_recipient(std::string_view address) const;
    const Policy* domain(std::string_view name) const;

 private:
    std::map<std::string, Policy, std::less<>> domains_;
    std::map<std::string, Policy, std::less<>> users_;
};

}  // namespace cordon
