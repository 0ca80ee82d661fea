// SPDX-License-Identifier: GPL-2.0-only
// What was learned here, as rules: the score in the catalogue is the most that one gives. Judge
// scales it by how sure the classifier is and on how much mail that rests.
#pragma once

#include <array>
#include <string_view>

namespace cordon {

struct LearningRule {
    std::string_view name;
    double score;
    std::string_view describe;
};

constexpr std::string_view kClassifierSpam = "CLASSIFIER_SPAM";
constexpr std::string_view kClassifierHam = "CLASSIFIER_HAM";

constexpr std::array kLearningRules = {
    LearningRule{kClassifierSpam, 7.0, "Much like mail that was learned here as spam"},
    LearningRule{kClassifierHam, -4.0, "Much like mail that was learned here as wanted"},
};

/// Whether a rule rests on what was learned: such rules alone never refuse a message.
constexpr bool is_learning_rule(std::string_view name) {
    for (const auto& rule : kLearningRules)
        if (rule.name == name) return true;
    return false;
}

}  // namespace cordon
