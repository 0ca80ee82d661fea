// SPDX-License-Identifier: GPL-2.0-only
// What mail clients may read differently: the parser's oddities as rules. Their table stands with
// the parser, which alone can find them.
#include <array>

#include "scoring/checks/check.h"
#include "scoring/message/oddities.h"

namespace cordon {

namespace {

constexpr auto kRules = [] {
    std::array<CheckRule, kOddityRules.size()> rules{};
    for (std::size_t i = 0; i < rules.size(); ++i) {
        rules[i] = {kOddityRules[i].name, kOddityRules[i].score, kOddityRules[i].describe};
    }
    return rules;
}();

void run(const CheckInput& input, Hits& hits) {
    for (const auto& oddity : input.message.oddities()) hits.add(oddity.rule, oddity.detail);
}

}  // namespace

extern const Check check_ambiguity;
const Check check_ambiguity = {"ambiguity", kRules, run};

}  // namespace cordon
