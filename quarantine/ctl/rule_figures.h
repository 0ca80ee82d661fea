// SPDX-License-Identifier: GPL-2.0-only
// What single rules and thresholds do on labelled mail: hits on ham and spam (S/O), what the rules
// cost, the points of the ROC curve, and the messages nearest to the line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cordon {

struct JudgedMail {
    struct RuleHit {
        std::string rule;
        double score = 0;
    };
    std::string path;
    bool is_spam = false;
    double score = 0;
    std::vector<RuleHit> hits;
    std::optional<double> probability = {};  // the classifier's own, before it learned the message
};

struct RuleFigures {
    std::string rule;
    double score = 0;
    std::size_t ham = 0;  // messages that it hits
    std::size_t spam = 0;
    double ham_percent = 0;
    double spam_percent = 0;
    // Spam's share of its hits, ham and spam weighed as if there were as much of each.
    double spam_over_all = 0;
    std::size_t ham_over = 0;    // of its ham, what lies at or over the threshold
    std::size_t ham_caused = 0;  // and would lie under it without this rule
    std::size_t spam_needs = 0;  // spam that would lie under the threshold without it
};

/// Every rule that hits, those that cost ham first, then by spam hit.
std::vector<RuleFigures> rule_figures(const std::vector<JudgedMail>& mail, double threshold);

struct RocPoint {
    double threshold = 0;
    double ham_percent = 0;   // ham at or over it
    double spam_percent = 0;  // spam at or over it
};

/// One point for each whole score between 1 and 20.
std::vector<RocPoint> roc_points(const std::vector<JudgedMail>& mail);

/// Places in `mail` of the ham with the highest scores, at or over the threshold first.
std::vector<std::size_t> worst_ham(const std::vector<JudgedMail>& mail, std::size_t limit);
/// Places of the spam under the threshold, the nearest first.
std::vector<std::size_t> nearest_spam(const std::vector<JudgedMail>& mail, double threshold,
                                      std::size_t limit);

}  // namespace cordon
