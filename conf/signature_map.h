// SPDX-License-Identifier: GPL-2.0-only
// [signatures]: what the administrator makes of the names that libclamav reports. Patterns are
// those of the shell (fnmatch(3)); the longest one that matches counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

struct SignatureEntry {
    enum class Meaning : std::uint8_t { virus, score, ignore };

    std::string pattern;
    Meaning meaning = Meaning::virus;
    double score = 0;

    bool operator==(const SignatureEntry&) const = default;
};

using SignatureMap = std::vector<SignatureEntry>;

/// `value`: a score, "ignore" or "virus".
Result<SignatureEntry> parse_signature(const std::string& pattern, const std::string& value);

/// What counts for a name, nullptr where nothing is said of it. The ".UNOFFICIAL" that libclamav
/// puts after the names of third parties may be left out of a pattern.
const SignatureEntry* signature_for(const SignatureMap& map, std::string_view name);

/// The rule of a pattern with a score: "Sanesecurity.Spam.*" is SIGNATURE_SANESECURITY_SPAM.
std::string rule_name(const SignatureEntry& entry);
std::string describe(const SignatureEntry& entry);

}  // namespace cordon
