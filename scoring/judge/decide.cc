// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/judge/evidence_checks.h"
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

void rest_on(Decision& decision, Action action, Cause cause, const std::string& reason) {
    decision.action = action;
    decision.cause = cause;
    decision.reason = reason;
}

void strengthen(Decision& decision, Action action, Cause cause, const std::string& reason) {
    if (weight(action) > weight(decision.action)) rest_on(decision, action, cause, reason);
}

Action action_for_score(double score, const Thresholds& rising) {
    constexpr std::array kActions = {Action::tag, Action::quarantine, Action::reject};
    Action out = Action::accept;
    for (std::size_t i = 0; i < kActions.size(); ++i)
        if (score >= rising.value.at(i).value) out = kActions.at(i);
    return out;
}

/// What was learned counts in full for holding a message, for refusing it only beside other
/// reasons; and outbound mail is refused where inbound mail is held.
Action without_refusal_for_learning(Action action, const Verdict& verdict, double score,
                                    const Policy& policy) {
    const double learned = std::max(0.0, verdict.learned);
    const double excess = std::max(0.0, learned - std::max(0.0, policy.reject.value - 1));
    if (action == Action::reject && score - excess < policy.reject.value)
        action = Action::quarantine;
    const bool is_outbound = verdict.direction == Direction::outbound;
    if (is_outbound && action == Action::quarantine && score - learned < policy.quarantine.value)
        action = Action::tag;
    return action;
}

Thresholds live_thresholds(const Policy& policy) {
    return {{policy.tag, policy.quarantine, policy.reject}};
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

Cause cause_of(Unread kind) {
    switch (kind) {
        case Unread::scan_failed: return Cause::scan_failed;
        case Unread::unscanned: return Cause::unscanned;
        case Unread::encrypted: return Cause::encrypted;
        case Unread::oversize: return Cause::oversize;
    }
    return Cause::unscanned;
}

bool is_denied(const Evidence& evidence, const Policy& policy) {
    return policy.deny.contains(evidence.envelope.mail_from) ||
           (evidence.content && policy.deny.contains(evidence.content->from_address));
}

/// An author who is named on the allow list and proven to be it.
bool is_allowed(const Evidence& evidence, const Policy& policy) {
    return evidence.content && is_author_proven(evidence) &&
           policy.allow.contains(evidence.content->from_address);
}

bool names_file(std::string_view pattern, const FileFact& file) {
    if (pattern.starts_with("*.")) pattern.remove_prefix(1);
    if (pattern.starts_with('.')) pattern.remove_prefix(1);
    if (pattern.find('/') == std::string_view::npos) return iequals(pattern, file.extension);
    if (!pattern.ends_with("/*")) return iequals(pattern, file.type);
    return istarts_with(file.type, pattern.substr(0, pattern.size() - 1));
}

/// The first file that the policy blocks; null: none.
const FileFact* blocked_file(const Evidence& evidence, const Policy& policy) {
    if (!evidence.content) return nullptr;
    const auto& patterns = policy.blocked_files.value;
    const auto& files = evidence.content->files;
    const auto found = std::find_if(files.begin(), files.end(), [&](const FileFact& file) {
        return std::any_of(patterns.begin(), patterns.end(),
                           [&](const auto& pattern) { return names_file(pattern, file); });
    });
    return found == files.end() ? nullptr : &*found;
}

/// The author's domain wants such mail refused, nobody whom we trust explains the failure, and the
/// site does as it is asked.
bool is_refused_by_author(const Evidence& evidence, const Circumstances& circumstances) {
    const auto& dmarc = evidence.auth.dmarc;
    return circumstances.honours_dmarc_reject && dmarc &&
           dmarc->result == DmarcOutcome::Result::fail && dmarc->policy == DmarcPolicy::reject &&
           dmarc->sealer.empty();
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

/// What the policy wants, whatever the direction and the mode.
void decide_by_policy(Decision& out, const Verdict& verdict, const Evidence& evidence,
                      const Policy& policy) {
    if (is_denied(evidence, policy))
        strengthen(out, Action::quarantine, Cause::denied, "sender on the deny list");
    if (const auto* const file = blocked_file(evidence, policy))
        strengthen(out, policy.blocked, Cause::denied,
                   fmt::format("blocked file: {} ({})", file->name, file->type));
    for (const auto& reason : verdict.unread)
        strengthen(out, action_for(reason.kind, policy), cause_of(reason.kind),
                   fmt::format("{}: {}", unread_name(reason.kind), reason.detail));
    if (verdict.virus.empty()) return;
    // A named virus is the reason given, whatever else was wrong with the message.
    const Action action = weight(policy.virus) >= weight(out.action) ? policy.virus : out.action;
    rest_on(out, action, Cause::virus, "virus " + verdict.virus);
}

/// Thresholds and scores on trial, where there are any.
std::optional<Action> on_trial(double trial_score, double score, const Policy& policy) {
    const bool has_thresholds = !policy.shadow_thresholds.value.empty();
    if (!has_thresholds && trial_score == score) return std::nullopt;
    return action_for_score(trial_score,
                            has_thresholds ? policy.shadow_thresholds : live_thresholds(policy));
}

}  // namespace

Decision decide(const Verdict& verdict, const Evidence& evidence, const Policy& policy,
                const Circumstances& circumstances) {
    Decision out;
    out.score = score_for(verdict, policy);
    out.trial_score = trial_score_for(verdict, policy);
    out.action = without_refusal_for_learning(action_for_score(out.score, live_thresholds(policy)),
                                              verdict, out.score, policy);
    out.reason = fmt::format("score {}", out.score);
    out.can_hold = circumstances.has_quarantine && !circumstances.is_quarantine_address;
    if (is_allowed(evidence, policy))
        rest_on(out, Action::accept, Cause::score, "author on the allow list");
    if (is_refused_by_author(evidence, circumstances))
        strengthen(out, Action::reject, Cause::denied, "DMARC: " + evidence.auth.dmarc->reason);
    decide_by_policy(out, verdict, evidence, policy);
    const bool is_virus = !verdict.virus.empty();
    const auto possible = [&](Action action) {
        if (action != Action::quarantine || out.can_hold) return action;
        // A virus is not delivered because there is nowhere to hold it.
        return is_virus ? Action::reject : Action::tag;
    };
    const auto wish = in_direction(out.action, verdict.direction);
    out.wish = possible(wish);
    out.action = possible(in_mode(wish, is_virus, policy.mode));
    if (const auto trial = on_trial(out.trial_score, out.score, policy))
        out.trial = possible(in_direction(*trial, verdict.direction));
    return out;
}

}  // namespace cordon
