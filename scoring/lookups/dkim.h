// SPDX-License-Identifier: GPL-2.0-only
// DKIM (RFC 6376) as far as it takes the network: the worker has parsed the signatures and computed
// the hashes (SignatureFact), here keys are looked up and hashes verified.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/analysis/analysis.h"
#include "scoring/lookups/lookups.h"

namespace cordon {

/// RFC 8601 section 2.7.1.
enum class DkimResult : std::uint8_t { none, pass, fail, policy, neutral, temperror, permerror };
std::string_view to_text(DkimResult result);

struct DkimOutcome {
    DkimResult result = DkimResult::none;
    std::string domain;     // d=, as the DNS has it
    std::string selector;   // s=
    std::string identity;   // i=
    std::string algorithm;  // a=
    std::string mark;       // the first bytes of b=, which tell signatures apart
    std::string reason;     // of what is no pass; printable
    unsigned bits = 0;      // of the key
    bool is_testing = false;
    bool is_partial = false;  // l= left bytes of the body unsigned
};

/// Null while its key is pending.
std::optional<DkimOutcome> verify_signature(const SignatureFact& signature, std::int64_t now,
                                            Lookups& lookups);

}  // namespace cordon
