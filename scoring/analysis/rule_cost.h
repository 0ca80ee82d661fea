// SPDX-License-Identifier: GPL-2.0-only
// What each rule costs on texts made to slow it down: `config check` shows it, and a rule that is
// too slow is refused before mail meets it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scoring/analysis/rule_program.h"

namespace cordon {

struct RuleCost {
    std::string rule;
    std::string where;        // FILE:LINE
    bool has_literal = true;  // every expression of it runs only where a literal occurs
    bool gave_up = false;     // an expression reached its step limit
    double us_per_kb = 0;     // CPU time of its slowest expression, on its slowest text
};

/// More than this is refused: 200 ms for a megabyte.
constexpr double kMaxMicrosecondsPerKb = 200;

/// Of the rules whose place begins with `prefix` and that have expressions. An expression that
/// several rules share is measured for the first of them.
std::vector<RuleCost> rule_costs(const RuleProgram& program, std::string_view prefix);

/// "FILE:LINE: rule NAME is too slow: ..."; empty when it isn't.
std::string complaint_about(const RuleCost& cost);

/// For people: the rules without a literal, each with its time, and the slowest of all.
std::string cost_report(std::vector<RuleCost> costs);

}  // namespace cordon
