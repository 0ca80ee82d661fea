// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/redirect/redirect.h"

#include <algorithm>

namespace cordon {

RedirectPlan plan_redirect(const std::string& mailbox, const std::vector<EnvelopeRecipient>& held) {
    RedirectPlan plan{"<" + mailbox + ">", "NOTIFY=NEVER", {}};
    for (const auto& recipient : held) {
        // One DELRCPT takes every copy of the same bytes away.
        if (std::find(plan.remove.begin(), plan.remove.end(), recipient.path) == plan.remove.end())
            plan.remove.push_back(recipient.path);
    }
    return plan;
}

}  // namespace cordon
