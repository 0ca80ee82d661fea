// SPDX-License-Identifier: GPL-2.0-only
// Rule files (docs/adding-a-rule.md): what stands in them, each rule complete and its expression
// read, but names of other rules not yet looked up and regular expressions not yet compiled.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"
#include "scoring/analysis/analysis.h"
#include "scoring/analysis/expression.h"

namespace cordon {

struct RuleSample {
    bool is_hit = true;  // the rule must match it; otherwise it must not
    std::string message;
    EnvelopeFacts envelope;
    std::string where;  // FILE:LINE
};

struct RuleDefinition {
    std::string name;
    std::string describe;
    double score = 0;
    std::string family;  // file stem
    std::string where;   // FILE:LINE of `when`
    Expression when;
    std::vector<RuleSample> samples;

    /// A building block for other rules: no score, never reported.
    bool is_block() const { return name.starts_with('_'); }
};

/// Files, and the *.rules of folders in order of their names. Errors read "FILE:LINE: message".
Result<std::vector<RuleDefinition>> read_rule_files(const std::vector<std::string>& files_or_dirs);

/// The text of a sample as a message; escapes \n \t \\ \xNN.
Result<RuleSample> parse_sample(std::string_view text);

}  // namespace cordon
