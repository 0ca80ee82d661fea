// SPDX-License-Identifier: GPL-2.0-only
// The language of `when` in conf/rules (docs/adding-a-rule.md): texts, numbers and conditions, each
// with its type checked while it is read. Reading needs no regular expressions compiled.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"
#include "scoring/analysis/facts.h"

namespace cordon {

struct RegexText {
    TextRef text;  // what it is matched against
    std::string pattern;
    std::string flags;
};

struct Number {
    enum class Kind : std::uint8_t { constant, fact, values, matches, different_matches };
    Kind kind = Kind::constant;
    std::int64_t constant = 0;
    std::size_t index = 0;  // of number_facts(), Expression::texts or Expression::regexes
};

enum class Comparison : std::uint8_t { less, less_equal, greater, greater_equal, equal, not_equal };

/// A node of the tree; which members count depends on `kind`.
struct Condition {
    enum class Kind : std::uint8_t {
        both,
        either,
        negation,
        rule,
        fact,
        matches,
        equals,
        exists,
        compare
    };
    Kind kind = Kind::rule;
    std::size_t left = 0;  // both, either, negation: indices of conditions
    std::size_t right = 0;
    std::size_t index =
        0;              // rule: rules; fact: truth_facts(); matches: regexes; equals, exists: texts
    std::string value;  // equals
    Comparison comparison = Comparison::less;
    Number first;  // compare
    Number second;
};

struct Expression {
    std::vector<Condition>
        conditions;  // operands stand before what uses them; the last is the root
    std::vector<TextRef> texts;
    std::vector<RegexText> regexes;
    std::vector<std::string> rules;  // names of other rules that are operands
};

/// An error says at which character, what was expected and what was found.
Result<Expression> parse_expression(std::string_view text);

}  // namespace cordon
