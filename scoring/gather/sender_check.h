// SPDX-License-Identifier: GPL-2.0-only
// Who sent it: all lookups of one message, begun as early as their data is there, run side by side,
// complete or unknown at the deadline. advance() never waits; whoever holds the message calls it
// when wake_fd() is readable.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conf/configuration.h"
#include "scoring/analysis/analysis.h"
#include "scoring/lookups/authentication.h"
#include "scoring/lookups/dns_list.h"
#include "scoring/lookups/lookups.h"

namespace cordon {

class SenderCheck {
 public:
    /// `lists` outlive this object.
    SenderCheck(ResolverPtr resolver, const std::vector<DnsList>& lists)
        : lists_(&lists), lookups_(std::move(resolver)) {}

    bool is_on() const { return lookups_.is_on(); }

    /// The session and MAIL FROM are known. Without a client (a relay's Received has yet to name
    /// it) what concerns it waits for begin_content().
    void begin(const Configuration& configuration, const EnvelopeFacts& envelope);
    /// The content answer is there; what is needed of it is copied.
    void begin_content(const Analysis& analysis);

    void advance();
    int wake_fd() const { return lookups_.wake_fd(); }
    /// Waits for what is missing; at the deadline it is unknown.
    void finish(Deadline deadline);

    const Authentication& result() const { return auth_; }
    const std::vector<Hit>& list_hits() const { return list_hits_; }
    /// What could not be learned and why.
    std::vector<std::string> unknown() const;

 private:
    void run();
    void run_client();
    void run_content();
    void run_dmarc();
    void run_lists();

    const Configuration* configuration_ = nullptr;
    const std::vector<DnsList>* lists_;
    EnvelopeFacts envelope_;
    std::optional<Analysis> analysis_;  // as far as it is needed here
    Lookups lookups_;
    Authentication auth_;
    std::vector<std::optional<DkimOutcome>> signatures_;
    std::set<std::string> lists_done_;  // names that were answered
    std::vector<Hit> list_hits_;
    std::vector<std::string> list_unknown_;
};

}  // namespace cordon
