// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/rule_figures.h"

#include <gtest/gtest.h>

#include "quarantine/ctl/eval_report.h"

namespace cordon {
namespace {

const std::vector<JudgedMail> kMail = {
    {"ham/1", false, 6.5, {{"LOUD", 4}, {"ODD", 2.5}}},
    {"ham/2", false, 2.5, {{"ODD", 2.5}}},
    {"spam/1", true, 8, {{"LOUD", 4}, {"CHEAP", 4}}},
    {"spam/2", true, 4, {{"LOUD", 4}}},
};

RuleFigures figures_for(std::string_view name) {
    for (const auto& rule : rule_figures(kMail, 6)) {
        if (rule.rule == name) return rule;
    }
    return {};
}

TEST(RuleFigures, WeighHamAndSpamAsIfThereWereAsMuchOfEach) {
    EXPECT_DOUBLE_EQ(figures_for("LOUD").spam_over_all, 100.0 / 150.0);
    EXPECT_DOUBLE_EQ(figures_for("CHEAP").spam_over_all, 1);
}

TEST(RuleFigures, CountTheHamThatARuleAloneBringsOverTheLine) {
    EXPECT_EQ(figures_for("LOUD").ham_caused, 1U);
    EXPECT_EQ(figures_for("ODD").ham_caused, 1U);
    EXPECT_EQ(figures_for("CHEAP").ham_caused, 0U);
}

TEST(RuleFigures, CountTheSpamThatEscapesWithoutTheRule) {
    EXPECT_EQ(figures_for("LOUD").spam_needs, 1U);
    EXPECT_EQ(figures_for("CHEAP").spam_needs, 1U);
}

TEST(RuleFigures, PutWhatCostsHamFirst) {
    EXPECT_EQ(rule_figures(kMail, 6).back().rule, "CHEAP");
}

TEST(RocPoints, CountWhatLiesAtOrOverEachScore) {
    const auto points = roc_points(kMail);
    ASSERT_EQ(points.size(), 20U);
    EXPECT_DOUBLE_EQ(points[5].ham_percent, 50);
    EXPECT_DOUBLE_EQ(points[3].spam_percent, 100);
    EXPECT_DOUBLE_EQ(points[7].spam_percent, 50);
}

TEST(NearestSpam, ListsWhatFailsToReachTheLineOnly) {
    EXPECT_EQ(nearest_spam(kMail, 6, 10), std::vector<std::size_t>{3});
    EXPECT_EQ(worst_ham(kMail, 1), std::vector<std::size_t>{0});
}

TEST(EvalReport, WritesTheSameFiguresForMachines) {
    EvalReport report;
    report.threshold = 6;
    report.has_rules = true;
    report.nearest = 1;
    const std::string json = to_json(report, kMail);
    EXPECT_NE(json.find(R"("rule":"LOUD","score":4,"ham":1,"spam":2)"), std::string::npos) << json;
    EXPECT_NE(json.find(R"("nearest_spam":[{"path":"spam/2")"), std::string::npos) << json;
}

}  // namespace
}  // namespace cordon
