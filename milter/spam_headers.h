// SPDX-License-Identifier: GPL-2.0-only
// The header fields that Cordon writes on delivered mail, and which arriving fields are forged
// copies of them. They state the site's policy, since header edits reach every recipient.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scoring/judge/verdict.h"

namespace cordon {

using HeaderLine = std::pair<std::string, std::string>;  // name, value

/// In the order in which they shall stand at the top of the message. `results`: the value of
/// Authentication-Results.
std::vector<HeaderLine> spam_headers(const Verdict& verdict, const Decision& site_decision,
                                     const Policy& site, std::string_view id,
                                     std::string_view results);

/// Watches the fields of one message and knows which must go.
class ForgedHeaders {
 public:
    /// `keeps_results`: fields of our authserv-id are those of a milter before us.
    explicit ForgedHeaders(std::string authserv_id, bool keeps_results = false)
        : authserv_id_(std::move(authserv_id)), keeps_results_(keeps_results) {}

    void see(std::string_view name, std::string_view value);

    struct Removal {
        std::string name;
        int index = 0;  // among the fields of that name, from 1
    };
    /// Last ones first, so that renumbering after each deletion does no harm.
    std::vector<Removal> removals() const;

 private:
    std::string authserv_id_;
    bool keeps_results_;
    std::map<std::string, int> counts_;  // by lower-case name
    std::vector<Removal> forged_;
};

/// The authserv-id of an Authentication-Results value (RFC 8601 section 2.2): comments and quotes
/// undone, lower case; empty when there is none.
std::string authserv_id_of(std::string_view value);

}  // namespace cordon
