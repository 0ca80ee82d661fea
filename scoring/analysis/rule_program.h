// SPDX-License-Identifier: GPL-2.0-only
// The text rules after linking: names of rules are indices, equal texts and expressions exist once.
// Internal to RuleSet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scoring/analysis/literal_index.h"
#include "scoring/analysis/regex.h"
#include "scoring/analysis/rule_file.h"
#include "scoring/rules/catalogue.h"

namespace cordon {

/// A literal of an expression. A match that holds it begins `most` to `least` bytes before the
/// literal's end; most 0: anywhere before.
struct LiteralUse {
    std::uint32_t slot = 0;  // number of the expression in its text
    std::uint32_t least = 0;
    std::uint32_t most = 0;
};

/// One text of a message and all expressions that look at it.
struct ProgramText {
    TextRef ref;
    LiteralIndex literals;  // reports numbers of `uses`
    std::vector<LiteralUse> uses;
    std::size_t slots = 0;            // how many expressions
    std::vector<std::size_t> always;  // slots of expressions without literals
    // A text that is a stretch of another (TextFact::window) is filled in when the other is
    // searched: one search finds the literals of both, its own numbered behind the other's.
    std::optional<std::size_t> stretch_of;
    std::optional<std::size_t> stretch;
};

struct ProgramRegex {
    Regex regex;
    std::size_t text = 0;
    std::size_t slot = 0;
};

/// A condition of any rule, small: all of them are looked at for each message. What `a` and `b` are
/// depends on `kind`: nodes; a rule; a truth; an expression; a text and one of `values`; one of
/// `comparisons`.
struct Node {
    static constexpr std::uint32_t kNone = 0xffffffffU;
    Condition::Kind kind = Condition::Kind::rule;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
};

struct NumberPair {
    Comparison comparison = Comparison::less;
    Number first;
    Number second;
};

struct ProgramRule {
    std::string name;
    std::size_t root = 0;  // of its nodes, the last; the first is behind that of the rule before
    std::vector<RuleSample> samples;
    std::string where;
    bool is_block = false;
};

struct RuleProgram {
    std::vector<ProgramText> texts;
    std::vector<ProgramRegex> regexes;
    std::vector<ProgramRule> rules;  // operands stand before the rules that use them
    std::vector<Node> nodes;         // operands stand before what uses them
    std::vector<NumberPair> comparisons;
    std::vector<std::string> values;
    std::vector<std::string> checks;  // names of checks' rules that are operands
};

/// `catalogue` knows all rules; what it does not know can't be an operand.
Result<RuleProgram> link_rules(std::vector<RuleDefinition> definitions, const Catalogue& catalogue);

void match_rules(const RuleProgram& program, const CheckInput& input, Hits& hits);

}  // namespace cordon
