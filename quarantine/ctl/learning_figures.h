// SPDX-License-Identifier: GPL-2.0-only
// Figures of the classifier alone, on its own probability from the first message on, and how they
// become better with what it has learned.
#pragma once

#include <string>
#include <vector>

#include "conf/base/result.h"
#include "quarantine/ctl/rule_figures.h"

namespace cordon {

struct ClassifierFigures {
    std::size_t messages = 0;       // with a probability
    double one_minus_roca = 0;      // %
    double ham_at_one_percent = 0;  // % of ham misclassified where 1 % of spam is missed
    double ham_misclassified = 0;   // % at 0.5
    double spam_misclassified = 0;
};

/// Of the first `count` messages.
ClassifierFigures classifier_figures(const std::vector<JudgedMail>& mail, std::size_t count);

/// CSV, a line for every `step` messages: the figures so far, and the share of errors at 0.5 among
/// the last `step`.
Result<void> write_curve(const std::string& path, const std::vector<JudgedMail>& mail,
                         std::size_t step);

}  // namespace cordon
