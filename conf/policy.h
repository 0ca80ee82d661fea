// SPDX-License-Identifier: GPL-2.0-only
// What an address wants done with a verdict: site, domain, user; the nearest section wins key by
// key. Which section is the nearest is decided here and nowhere else.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conf/quarantine_values.h"
#include "conf/values.h"

namespace cordon {

struct Policy {
    Mode mode = Mode::enforce;  // of the site: milter.mode
    Threshold tag{4};
    Threshold quarantine{6};
    Threshold reject{15};
    Action virus = Action::reject;
    Action scan_failed = Action::defer;
    Action unscanned = Action::quarantine;
    Action encrypted = Action::tag;
    Action oversize = Action::quarantine;
    AddressList allow;  // authors; counts only for an authenticated From
    AddressList deny;
    WordList blocked_files;               // extensions and media types, also inside archives
    Action blocked = Action::quarantine;  // what happens to mail with such a file
    ScoreList scores;                     // over those of [scores]
    Thresholds shadow_thresholds;         // on trial: logged, never acted on
    std::string contact;                  // where a refused sender may turn to
    bool digest = false;                  // tell the recipient what is held for him
    Language language = Language::english;
    LearnFrom learning = LearnFrom::reviewers;
};

class PolicyTable {
 public:
    Policy site;
    AddressMap address_map;                 // addresses that stand for others
    std::string recipient_delimiter = "+";  // begins an extension of a local part

    void set_domain(std::string_view domain, Policy policy);
    void set_user(std::string_view address, Policy policy);

    /// Which sections count for an RFC 5321 recipient without <>, the nearest first: "user.X",
    /// "domain.Y". `address`: the one that was looked up at last.
    struct Selection {
        std::string address;
        std::string user;    // key of its section; empty: none
        std::string domain;  // key of its section; empty: none
    };
    Selection select(std::string_view address) const;
    const Policy& for_recipient(std::string_view address) const;
    const Policy* domain(std::string_view name) const;

    template <typename Each>
    void for_each(Each each) const {  // all sections but the site's, with their names
        for (const auto& [name, policy] : domains_) each("domain." + name, policy);
        for (const auto& [name, policy] : users_) each("user." + name, policy);
    }

 private:
    std::string user_section(const std::string& key) const;

    std::map<std::string, Policy, std::less<>> domains_;
    std::map<std::string, Policy, std::less<>> users_;
};

}  // namespace cordon
