// SPDX-License-Identifier: GPL-2.0-only
// The catalogue: names, scores and words of all rules, apart from their matching. The scanner
// program prints it (text rules and C++ checks alike), the other roles read it as plain lines; so a
// rule stands in one place and no matcher is linked into a process that talks to the network.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "conf/base/result.h"

namespace cordon {

struct RuleInfo {
    double score = 0;
    std::string describe;
    std::string family;                      // file stem of the .rules file or of the check
    std::optional<double> trial_score = {};  // another score on trial; it decides nothing
};

class Catalogue {
 public:
    /// Refuses a duplicate, a name that is not UPPER_SNAKE, an empty description or an absurd
    /// score.
    Result<void> add(std::string name, RuleInfo info);

    const RuleInfo* find(std::string_view name) const;
    const std::map<std::string, RuleInfo, std::less<>>& all() const { return rules_; }
    /// Puts the administrator's [scores] over the shipped ones; an unknown name is an error.
    Result<void> override_score(std::string_view name, double score);
    /// The administrator's [shadow-scores].
    Result<void> set_trial_score(std::string_view name, double score);
    bool has_trial_scores() const { return has_trial_scores_; }

    /// One line a rule: NAME TAB SCORE TAB FAMILY TAB DESCRIPTION.
    std::string to_lines() const;
    static Result<Catalogue> from_lines(std::string_view lines);

 private:
    Result<RuleInfo*> rule(std::string_view name, double score);

    std::map<std::string, RuleInfo, std::less<>> rules_;
    bool has_trial_scores_ = false;
};

}  // namespace cordon
