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

constexpr std::string_view kKnownCorrespondent = "KNOWN_CORRESPONDENT";
constexpr std::string_view kReplyToOurMail = "REPLY_TO_OUR_MAIL";
constexpr std::string_view kThreadNeverOurs = "THREAD_NEVER_OURS";
constexpr std::string_view kReputationGood = "REPUTATION_GOOD";
constexpr std::string_view kReputationBad = "REPUTATION_BAD";

constexpr std::array kLearningRules = {
    LearningRule{kClassifierSpam, 7.0, "Much like mail that was learned here as spam"},
    LearningRule{kClassifierHam, -4.0, "Much like mail that was learned here as wanted"},
    LearningRule{kKnownCorrespondent, -2.0, "Users of this site have written to the author"},
    LearningRule{kReplyToOurMail, -1.5, "A reply to mail that users of this site sent"},
    LearningRule{kThreadNeverOurs, 0.8, "Claims to be a reply to mail that this site never sent"},
    LearningRule{kReputationGood, -1.0, "The sender has behaved well so far"},
    LearningRule{kReputationBad, 2.5, "Most mail of this sender was spam"},
};

/// Whether a rule rests on what was learned: such rules alone never refuse a message.
constexpr bool is_learning_rule(std::string_view name) {
    for (const auto& rule : kLearningRules)
        if (rule.name == name) return true;
    return false;
}

}  // namespace cordon
