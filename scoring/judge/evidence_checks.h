// SPDX-License-Identifier: GPL-2.0-only
// Rules over evidence (kEvidenceRules), and what connects them with hits of the content. Pure. What
// is unknown hits nothing.
#pragma once

#include <vector>

#include "scoring/judge/verdict.h"

namespace cordon {

/// The hits, in no order.
std::vector<Hit> check_evidence(const Evidence& evidence);

/// DKIM, SPF or DMARC prove the domain in From: an allow entry counts.
bool is_author_proven(const Evidence& evidence);

}  // namespace cordon
