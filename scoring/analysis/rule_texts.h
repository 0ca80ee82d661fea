// SPDX-License-Identifier: GPL-2.0-only
// The texts of one message as rules see them: each made, and searched for the literals of all its
// expressions, when the first of them asks for it, and never twice. Internal to RuleSet.
#pragma once

#include <cstdint>
#include <vector>

#include "scoring/analysis/rule_program.h"

namespace cordon {

constexpr std::int64_t kMaxMatches = 1000;  // what count() counts at most

/// Where matches of an expression may begin: a stretch of one value.
struct RuleWindow {
    std::size_t value = 0;
    Regex::Starts starts;
};

struct RuleText {
    bool is_ready = false;
    TextValues found;
    std::vector<std::vector<RuleWindow>> windows;  // by slot, in order, apart from each other
    std::vector<std::int64_t> literals;            // by slot: how often one of its literals occurs
};

class RuleTexts {
 public:
    RuleTexts(const RuleProgram& program, const CheckInput& input)
        : program_(program), input_(input), texts_(program.texts.size()) {}

    const RuleText& at(std::size_t index) {
        return texts_[index].is_ready ? texts_[index] : make(index);
    }

 private:
    const RuleText& make(std::size_t index);
    void search_stretch(const ProgramText& whole, std::size_t value);

    const RuleProgram& program_;
    const CheckInput& input_;
    std::vector<RuleText> texts_;
};

}  // namespace cordon
