// SPDX-License-Identifier: GPL-2.0-only
#include "milter/outcome.h"

#include <algorithm>

namespace cordon {

namespace {

const Decision* first_with(const std::vector<Decision>& decisions, Action action) {
    const auto found = std::find_if(decisions.begin(), decisions.end(),
                                    [action](const auto& d) { return d.action == action; });
    return found == decisions.end() ? nullptr : &*found;
}

bool all_are(const std::vector<Decision>& decisions, Action action) {
    return std::all_of(decisions.begin(), decisions.end(),
                       [action](const auto& d) { return d.action == action; });
}

/// SMTP has one answer: what one recipient's wish decides happens to all.
Outcome answer_all(std::vector<Decision>& decisions, Outcome::Answer answer,
                   const Decision* reason) {
    Outcome out;
    out.answer = answer;
    out.reason = reason;
    for (auto& decision : decisions) decision.action = reason->action;
    return out;
}

}  // namespace

Outcome combine(std::vector<Decision>& decisions, bool has_quarantine) {
    if (const auto* deferred = first_with(decisions, Action::defer))
        return answer_all(decisions, Outcome::Answer::defer, deferred);
    const auto* const rejected = first_with(decisions, Action::reject);
    // Without a quarantine a refusal for some can't be honest to all: then all are refused.
    if (all_are(decisions, Action::reject) || (rejected != nullptr && !has_quarantine))
        return answer_all(decisions, Outcome::Answer::reject, rejected);
    if (all_are(decisions, Action::discard))
        return answer_all(decisions, Outcome::Answer::discard, &decisions.front());
    Outcome out;
    out.reason = &decisions.front();
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        auto& decision = decisions[i];
        if (decision.action == Action::reject)
            decision.action = decision.can_hold ? Action::quarantine : Action::tag;
        if (decision.action == Action::discard) out.discarded.push_back(i);
        if (decision.action != Action::quarantine) continue;
        out.held.push_back(i);
        out.reason = &decision;
    }
    return out;
}

}  // namespace cordon
