// SPDX-License-Identifier: GPL-2.0-only
// One SMTP answer for all recipients, and it is honest (DESIGN: when recipients disagree). Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "scoring/judge/verdict.h"

namespace cordon {

struct Outcome {
    enum class Answer : std::uint8_t { deliver, reject, defer, discard };
    Answer answer = Answer::deliver;
    std::vector<std::size_t> held;       // indices of recipients that move to the quarantine
    std::vector<std::size_t> discarded;  // indices of recipients deleted without a copy
    const Decision* reason = nullptr;    // the decision that the answer rests on
};

/// Changes decisions whose action can't be carried out for one recipient alone: a Reject among
/// other wishes becomes Quarantine, or Tag where it can't be held (the quarantine mailbox itself:
/// it would be added and deleted at once). `decisions` is not empty and outlives the result.
Outcome combine(std::vector<Decision>& decisions, bool has_quarantine);

}  // namespace cordon
