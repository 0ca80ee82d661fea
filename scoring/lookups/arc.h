// SPDX-License-Identifier: GPL-2.0-only
// ARC (RFC 8617): the chain of those who passed a message on. The worker has sorted the sets and
// computed the hashes; here the newest message signature and all seals are verified.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scoring/lookups/dkim.h"

namespace cordon {

struct ArcOutcome {
    enum class Result : std::uint8_t { none, pass, fail };
    Result result = Result::none;
    std::string reason;                // of a fail; printable
    std::vector<std::string> sealers;  // d= of each seal, the first one first
    std::vector<std::string> passed;   // beside it: for whose mail it saw DMARC pass; or empty
};
std::string_view to_text(ArcOutcome::Result result);

/// Null while keys are pending. Every error is permanent, those of the DNS too (section 5.2.1).
std::optional<ArcOutcome> verify_arc(const ArcFacts& facts, std::int64_t now, Lookups& lookups);

}  // namespace cordon
