// SPDX-License-Identifier: GPL-2.0-only
// The record that the history gets of one message.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conf/policy.h"
#include "quarantine/vault/held_message.h"
#include "scoring/store/history_record.h"

namespace cordon {

/// What was decided for each recipient, in the order of the envelope.
struct DecidedRecipients {
    const std::vector<EnvelopeRecipient>& recipients;
    const std::vector<Action>& wanted;  // before one answer was made for all
    const std::vector<Decision>& decisions;
    const std::vector<const Policy*>& policies;
};

void add_decisions(HistoryRecord& record, const DecidedRecipients& decided);

}  // namespace cordon
