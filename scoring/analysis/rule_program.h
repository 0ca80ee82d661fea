// SPDX-License-Identifier: GPL-2.0-only
// The text rules after linking: names of rules are indices, equal texts and expressions exist once.
// Internal to RuleSet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scoring/analysis/literal_index.h"
#include "scoring/analysis/regex.h"
#include "scoring/analysis/rule_file.h"
#include "scoring/rules/catalogue.h"

namespace cordon {

/// One text of a message and all expressions that look at it.
struct ProgramText {
    TextRef ref;
    LiteralIndex literals;            // reports slots of expressions
    std::vector<std::size_t> reach;   // by slot: bytes of the longest match; 0: no bound
    std::vector<std::size_t> always;  // slots of expressions without literals
};

struct ProgramRegex {
    Regex regex;
    std::size_t text = 0;
    std::size_t slot = 0;
};

struct ProgramRule {
    std::string name;
    Expression when;  // indices of texts and regexes are the program's
    std::vector<std::optional<std::size_t>> operands;  // like when.rules; none: rule of a check
    std::vector<RuleSample> samples;
    std::string where;
    bool is_block = false;
};

struct RuleProgram {
    std::vector<ProgramText> texts;
    std::vector<ProgramRegex> regexes;
    std::vector<ProgramRule> rules;  // operands stand before the rules that use them
};

/// `catalogue` knows all rules; what it does not know can't be an operand.
Result<RuleProgram> link_rules(std::vector<RuleDefinition> definitions, const Catalogue& catalogue);

void match_rules(const RuleProgram& program, const CheckInput& input, Hits& hits);

}  // namespace cordon
