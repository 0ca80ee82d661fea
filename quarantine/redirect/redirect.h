// SPDX-License-Identifier: GPL-2.0-only
// A redirect through the MTA's own queue: the quarantine mailbox is added first, then the held
// recipients are deleted with the bytes received, so that no moment exists in which nobody has the
// mail. The plan is plain data; milter/reply carries it out.
#pragma once

#include <string>
#include <vector>

#include "quarantine/vault/held_message.h"

namespace cordon {

struct RedirectPlan {
    std::string add;             // "<quarantine@example.org>"
    std::string add_parameters;  // no bounce may leave for a held message
    std::vector<std::string> remove;
};

RedirectPlan plan_redirect(const std::string& mailbox, const std::vector<EnvelopeRecipient>& held);

}  // namespace cordon
