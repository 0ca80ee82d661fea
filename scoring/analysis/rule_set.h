// SPDX-License-Identifier: GPL-2.0-only
// All rules of the content analysis, ready to match: the text rules of conf/rules, and the
// catalogue of these, of the checks in C++ and of the engine's own names. Immutable after load();
// match() may run in several threads at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "conf/base/result.h"
#include "scoring/checks/check.h"
#include "scoring/rules/catalogue.h"

namespace cordon {

struct RuleProgram;

class RuleSet {
 public:
    /// Folders stand for the *.rules in them. Samples are always read, and kept if wanted.
    /// Errors read "FILE:LINE: message".
    static Result<RuleSet> load(const std::vector<std::string>& rule_files_or_dirs,
                                bool with_samples);

    RuleSet();  // no text rules, no catalogue
    ~RuleSet();
    RuleSet(RuleSet&& other) noexcept;
    RuleSet& operator=(RuleSet&& other) noexcept;

    /// Adds the hits of the text rules; `hits` holds those of the checks already, for rules that
    /// refer to them.
    void match(const CheckInput& input, Hits& hits) const;

    const Catalogue& catalogue() const { return catalogue_; }

    /// Whether rules whose place begins with `prefix` are fast enough; "FILE:LINE: rule ..." of the
    /// first that is not.
    Result<void> check_costs(const std::string& prefix) const;
    /// For people: rules without a literal, and what the slowest cost.
    std::string describe_costs() const;

    /// Parses every sample, runs checks and rules; one line for each that went wrong.
    std::vector<std::string> test_samples() const;

 private:
    std::unique_ptr<RuleProgram> program_;
    Catalogue catalogue_;
};

/// Runs every check of scoring/checks.
void run_checks(const CheckInput& input, Hits& hits);

}  // namespace cordon
