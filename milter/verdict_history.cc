// SPDX-License-Identifier: GPL-2.0-only
#include "milter/verdict_history.h"

#include <algorithm>

#include "conf/base/mail_address.h"

namespace cordon {

namespace {
constexpr std::size_t kMaxAddress = 512;  // RFC 5321 section 4.5.3.1 allows 256
}

void add_decisions(HistoryRecord& record, const DecidedRecipients& decided) {
    const auto count = decided.recipients.size();
    record.recipients = static_cast<std::uint32_t>(count);
    for (std::size_t i = 0; i < std::min(count, kMaxHistoryRecipients); ++i) {
        const auto& decision = decided.decisions[i];
        HistoryDecision kept;
        kept.recipient = without_brackets(decided.recipients[i].path).substr(0, kMaxAddress);
        kept.action = decision.action;
        kept.wanted = decided.wanted[i];
        kept.wish = decision.wish;
        kept.cause = decision.cause;
        kept.mode = decided.policies[i]->mode;
        kept.score = thousandths(decision.score);
        record.decisions.push_back(std::move(kept));
    }
}

}  // namespace cordon
