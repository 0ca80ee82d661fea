// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/judge/learned.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "conf/base/text.h"
#include "scoring/rules/learning_rules.h"

namespace cordon {

namespace {

constexpr std::uint64_t kFirst = 200;
constexpr std::uint64_t kFull = 500;
// Log-odds: from here on the classifier counts at all, and counts in full (50 %, 97 %).
constexpr double kFullOdds = 3.5;
constexpr std::size_t kShownTokens = 6;

double log_odds(double p) {
    const double bounded = std::clamp(p, 1e-9, 1 - 1e-9);
    return std::log(bounded / (1 - bounded));
}

std::string words_of(const Opinion& opinion) {
    std::string out = fmt::format("{:.1f} % spam; learned from {} ham and {} spam",
                                  100 * opinion.probability, opinion.ham, opinion.spam);
    const char* separator = "; ";
    for (std::size_t i = 0; i < opinion.tokens.size() && i < kShownTokens; ++i) {
        out += fmt::format("{}{} {:+.1f}", separator, opinion.tokens[i].token,
                           opinion.tokens[i].weight);
        separator = ", ";
    }
    return printable(out, 400);
}

}  // namespace

double classifier_weight(std::uint64_t ham, std::uint64_t spam) {
    const std::uint64_t least = std::min(ham, spam);
    if (least < kFirst) return 0;
    return std::min(1.0, static_cast<double>(least - kFirst) / (kFull - kFirst));
}

void add_opinion(Verdict& verdict, const Opinion& opinion, const Catalogue& catalogue) {
    const double weight = classifier_weight(opinion.ham, opinion.spam);
    if (weight <= 0) {
        verdict.notes.push_back(fmt::format(
            "the classifier has no weight before {} ham and {} spam are learned; so far {} and {}",
            kFirst, kFirst, opinion.ham, opinion.spam));
        return;
    }
    const double odds = log_odds(opinion.probability);
    const auto name = odds >= 0 ? kClassifierSpam : kClassifierHam;
    const RuleInfo* const info = catalogue.find(name);
    if (info == nullptr) return;
    const double share = std::min(1.0, std::abs(odds) / kFullOdds);
    const double score = std::round(100 * info->score * weight * share) / 100;
    verdict.learned += score;
    verdict.hits.push_back({std::string(name), score, words_of(opinion), info->describe, score});
}

}  // namespace cordon
