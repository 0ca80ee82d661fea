// SPDX-License-Identifier: GPL-2.0-only
// What `cordon eval` prints and writes: figures, ROC curve, rules, and the messages at the line.
#pragma once

#include <string>
#include <vector>

#include "conf/base/result.h"
#include "quarantine/ctl/evaluation.h"
#include "quarantine/ctl/learning_figures.h"
#include "quarantine/ctl/rule_figures.h"

namespace cordon {

struct EvalReport {
    Figures figures;
    double threshold = 0;
    double per_second = 0;
    double cpu_us = 0;
    ClassifierFigures classifier;
    bool has_rules = false;   // with statistics of each rule
    std::size_t nearest = 0;  // messages listed on both sides of the line
};

std::string to_text(const EvalReport& report, const std::vector<JudgedMail>& mail);
std::string to_json(const EvalReport& report, const std::vector<JudgedMail>& mail);

/// path, label, score, probability.
Result<void> write_scores(const std::string& path, const std::vector<JudgedMail>& mail);
/// path, label, score, and the rules that hit, between blanks.
Result<void> write_hits(const std::string& path, const std::vector<JudgedMail>& mail);

}  // namespace cordon
