// SPDX-License-Identifier: GPL-2.0-only
// The signatures in a header: DKIM (RFC 6376) and the sets of ARC (RFC 8617), parsed, with the
// hashes over what they sign. Bounded in their number; what is beyond has a problem of that name.
#pragma once

#include <string_view>
#include <vector>

#include "scoring/analysis/analysis.h"

namespace cordon {

struct SignatureFacts {
    std::vector<SignatureFact> dkim;
    ArcFacts arc;
};

SignatureFacts read_signatures(std::string_view message);

}  // namespace cordon
