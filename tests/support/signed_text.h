// SPDX-License-Identifier: GPL-2.0-only
// What a DKIM signature covers, line by line as RFC 6376 section 3.4 reads: the second opinion on
// what the verifier lets pass. Shares no code with it, nor with the test signer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cordon::test {

/// What was asked of the signer.
struct Coverage {
    bool is_header_relaxed = true;
    bool is_body_relaxed = true;
    std::vector<std::string> names;  // of h=, in lower case
    std::uint64_t body_limit = UINT64_MAX;
};

/// The signed fields, the signature itself without the value of b=, and the body, each in its
/// canonical form; nothing when there is no DKIM-Signature.
std::optional<std::string> signed_text(const std::string& message, const Coverage& coverage);

}  // namespace cordon::test
