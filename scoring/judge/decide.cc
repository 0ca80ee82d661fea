// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "scoring/judge/verdict.h"

namespace cordon {

namespace {

/// Which of two wishes wins. A refusal on known grounds beats "come back later"; that beats holding
/// something which was not read in full.
int weight(Action action) {
    constexpr std::array kOrder = {Action::accept, Action::tag,    Action::quarantine,
                                   Action::defer,  Action::reject, Action::discard};
    return static_cast<int>(std::find(kOrder.begin(), kOrder.end(), action) - kOrder.begin());
}

void strengthen(Decision& decision, Action action, const std::string& reason) {
    if (weight(action) > weight(decision.action)) decision = {action, reason, decision.can_hold};
}

Action action_for_score(double score, const Policy& policy) {
    if (score >= policy.reject.value) return Action::reject;
    if (score >= policy.quarantine.value) return Action::quarantine;
    return score >= policy.tag.value ? Action::tag : Action::accept;
}

Action action_for(Unread kind, const Policy& policy) {
    switch (kind) {
        case Unread::scan_failed: return policy.scan_failed;
        case Unread::unscanned: return policy.unscanned;
        case Unread::encrypted: return policy.encrypted;
        case Unread::oversize: return policy.oversize;
    }
    return policy.unscanned;
}

bool is_listed(const WordList& list, const std::string& address, const std::string& domain) {
    return std::any_of(list.value.begin(), list.value.end(), [&](const auto& entry) {
        return entry.find('@') == std::string::npos ? iequals(entry, domain)
                                                    : is_same_mailbox(entry, address);
    });
}

bool is_denied(const Evidence& evidence, const Policy& policy) {
    const auto& sender = evidence.envelope.mail_from;
    if (is_listed(policy.deny, sender, domain_of(sender))) return true;
    return evidence.content &&
           is_listed(policy.deny, evidence.content->from_address, evidence.content->from_domain);
}

/// Nobody's outgoing mail disappears into a folder, and what a relay took over is not bounced to
/// a forged sender.
Action in_direction(Action action, Direction direction) {
    if (direction == Direction::outbound && action == Action::quarantine) return Action::reject;
    if (direction == Direction::outbound && action == Action::tag) return Action::accept;
    if (direction == Direction::relayed && action == Action::reject) return Action::quarantine;
    return action;
}

Action in_mode(Action action, bool is_virus, Mode mode) {
    if (mode == Mode::shadow) return Action::accept;
    if (mode == Mode::tag_only && !is_virus) return std::min(action, Action::tag);
    return action;
}

}  // namespace

Decision decide(const Verdict& verdict, const Evidence& evidence, const Policy& policy,
                const Circumstances& circumstances) {
    const bool can_hold = circumstances.has_quarantine && !circumstances.is_quarantine_address;
    Decision out{action_for_score(verdict.score, policy), fmt::format("score {}", verdict.score),
                 can_hold};
    if (is_denied(evidence, policy)) strengthen(out, Action::quarantine, "sender on the deny list");
    for (const auto& reason : verdict.unread)
        strengthen(out, action_for(reason.kind, policy),
                   fmt::format("{}: {}", unread_name(reason.kind), reason.detail));
    const bool is_virus = !verdict.virus.empty();
    if (is_virus) {
        // A named virus is the reason given, whatever else was wrong with the message.
        const Action action =
            weight(policy.virus) >= weight(out.action) ? policy.virus : out.action;
        out = {action, "virus " + verdict.virus, can_hold};
    }
    out.action = in_direction(out.action, verdict.direction);
    out.action = in_mode(out.action, is_virus, circumstances.mode);
    if (out.action == Action::quarantine && !can_hold)
        // A virus is not delivered because there is nowhere to hold it.
        out.action = is_virus ? Action::reject : Action::tag;
    return out;
}

}  // namespace cordon
