// SPDX-License-Identifier: GPL-2.0-only
// What the learned evidence adds to a verdict: how much the classifier counts, and why in words.
#pragma once

#include "scoring/judge/verdict.h"

namespace cordon {

/// 0 before 200 ham and 200 spam are learned, 1 from 500 of each on.
double classifier_weight(std::uint64_t ham, std::uint64_t spam);

void add_opinion(Verdict& verdict, const Opinion& opinion, const Catalogue& catalogue);

}  // namespace cordon
