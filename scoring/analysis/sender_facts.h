// SPDX-License-Identifier: GPL-2.0-only
// What a message says of who sent it, for the lookups that follow: authors, signatures, the way it
// came, and hosts of its links.
#pragma once

#include "scoring/analysis/analysis.h"
#include "scoring/checks/check.h"

namespace cordon {

void add_sender_facts(const CheckInput& input, Analysis& analysis);

}  // namespace cordon
