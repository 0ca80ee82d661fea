// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/judge/learned.h"

#include "scoring/judge/explain.h"
#include "scoring/rules/learning_rules.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

Catalogue learning_catalogue() {
    return test::a_catalogue(
        {{std::string(kClassifierSpam), 7}, {std::string(kClassifierHam), -4}, {"OTHER", 9}});
}

Verdict judged(double probability, std::uint64_t ham, std::uint64_t spam) {
    auto evidence = test::clean_evidence();
    evidence.content = Analysis{};
    evidence.content->opinion = Opinion{probability, ham, spam, {{"subject pills", 1.5}}};
    return judge(evidence, learning_catalogue());
}

TEST(ClassifierWeight, OpensBetween200And500OfEach) {
    EXPECT_EQ(classifier_weight(199, 5000), 0);
    EXPECT_EQ(classifier_weight(5000, 350), 0.5);
    EXPECT_EQ(classifier_weight(500, 501), 1);
}

TEST(JudgeLearned, GivesNoScoreBeforeEnoughIsLearnedAndSaysSo) {
    const auto verdict = judged(0.999, 120, 4000);
    EXPECT_EQ(verdict.score, 0);
    EXPECT_TRUE(verdict.hits.empty());
    const auto text = explain(verdict, {}, test::a_policy(4, 6, 15));
    EXPECT_NE(text.find("no weight before 200 ham and 200 spam"), std::string::npos);
    EXPECT_NE(text.find("so far 120 and 4000"), std::string::npos);
}

TEST(JudgeLearned, ScoresBySureness) {
    EXPECT_EQ(judged(0.9999, 900, 900).score, 7);
    EXPECT_EQ(judged(0.0001, 900, 900).score, -4);
    EXPECT_EQ(judged(0.5, 900, 900).score, 0);
}

TEST(JudgeLearned, NamesTheTokensThatWeighedMost) {
    const auto verdict = judged(0.99, 900, 900);
    ASSERT_EQ(verdict.hits.size(), 1U);
    EXPECT_NE(verdict.hits[0].detail.find("subject pills +1.5"), std::string::npos);
}

TEST(DecideLearned, HoldsButNeverRefusesForTheClassifierAlone) {
    const auto verdict = judged(0.9999, 900, 900);
    Circumstances with_quarantine;
    with_quarantine.has_quarantine = true;
    const auto evidence = test::clean_evidence();
    const auto held = decide(verdict, evidence, test::a_policy(2, 3, 5), with_quarantine);
    EXPECT_EQ(held.action, Action::quarantine);
    auto more = verdict;
    more.score += 9;
    EXPECT_EQ(decide(more, evidence, test::a_policy(2, 3, 12), with_quarantine).action,
              Action::reject);
}

TEST(DecideLearned, NeverRefusesOutboundMailForTheClassifierAlone) {
    auto verdict = judged(0.9999, 900, 900);
    verdict.direction = Direction::outbound;
    Circumstances with_quarantine;
    with_quarantine.has_quarantine = true;
    const auto decision =
        decide(verdict, test::clean_evidence(), test::a_policy(2, 3, 15), with_quarantine);
    EXPECT_EQ(decision.action, Action::accept);
}

}  // namespace
}  // namespace cordon
