// SPDX-License-Identifier: GPL-2.0-only
// What is counted of one message.
#pragma once

#include <vector>

#include "conf/base/metrics.h"
#include "scoring/judge/verdict.h"

namespace cordon {

/// Only rules of the catalogue are counted: a name that a worker made up takes no room.
void count_verdict(Metrics& metrics, const Verdict& verdict, const std::vector<Decision>& decisions,
                   const Catalogue& catalogue);

}  // namespace cordon
