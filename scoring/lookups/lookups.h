// SPDX-License-Identifier: GPL-2.0-only
// The lookups of one message: what has been asked and answered, within a budget. Evaluations (SPF,
// DKIM, ...) are pure functions that are run again whenever something new has come; what they miss
// they ask for here, and it is pending. So none of them waits, all of them run side by side, and at
// the deadline one call turns what is missing into "unknown because".
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"
#include "conf/base/guarded.h"
#include "scoring/lookups/dns.h"

namespace cordon {

/// Questions beyond these fail that whoever sent the message made us ask: SPF alone may ask 10
/// terms of 10 names each (RFC 7208 section 4.6.4).
constexpr std::size_t kMaxLookups = 250;

class Lookups {
 public:
    /// Null: lookups are switched off.
    explicit Lookups(ResolverPtr resolver);

    bool is_on() const { return resolver_ != nullptr; }

    /// The answer, or null while it is pending. A name that cannot exist is known not to.
    DnsAnswerPtr find(std::string_view name, DnsType type);
    /// A question of our own to a list: no sender's records can use up what there is of these.
    DnsAnswerPtr find_listed(std::string_view name);

    /// Takes what has arrived; whether there was anything.
    bool take_answers();
    bool is_waiting() const { return pending_ > 0; }
    /// Readable when an answer has arrived (a descriptor for poll); -1 when there is nothing to
    /// wait for.
    int wake_fd() const;
    /// Waits for an answer; false at the deadline.
    bool wait(Deadline deadline);
    /// What is pending, and every further question, fails for this reason.
    void expire(const std::string& reason);

    std::size_t asked() const { return answers_.size(); }

 private:
    struct Inbox;
    DnsAnswerPtr find(std::string_view name, DnsType type, bool is_ours);

    ResolverPtr resolver_;
    std::shared_ptr<Inbox> inbox_;  // shared with answers under way, which may outlive the message
    std::map<DnsQuestion, DnsAnswerPtr> answers_;  // null: pending
    std::size_t pending_ = 0;
    std::size_t of_the_sender_ = 0;  // among answers_
    DnsAnswerPtr expired_;
};

}  // namespace cordon
