// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scoring/judge/verdict.h"
#include "tests/support/builders.h"

namespace cordon {
namespace {

using test::a_catalogue;
using test::an_analysis;
using test::clean_evidence;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> names(const Verdict& verdict) {
    std::vector<std::string> out;
    for (const auto& hit : verdict.hits) out.push_back(hit.rule);
    return out;
}

TEST(Judge, AddsTheScoresOfTheCatalogue) {
    auto evidence = clean_evidence();
    evidence.content = an_analysis({"SMALL", "BIG", "GOOD"});
    const auto verdict = judge(evidence, a_catalogue({{"SMALL", 0.5}, {"BIG", 3}, {"GOOD", -1}}));
    EXPECT_DOUBLE_EQ(verdict.score, 2.5);
    EXPECT_THAT(names(verdict), ElementsAre("BIG", "GOOD", "SMALL")) << "by weight";
    EXPECT_EQ(verdict.hits[0].describe, "About BIG");
    EXPECT_EQ(verdict.hits[0].detail, "seen");
}

TEST(Judge, IsTheSameForTheSameEvidence) {
    auto evidence = clean_evidence();
    evidence.content = an_analysis({"A", "B", "C"});
    const auto catalogue = a_catalogue({{"A", 1}, {"B", 1}, {"C", 1}});
    EXPECT_EQ(names(judge(evidence, catalogue)), names(judge(evidence, catalogue)));
}

TEST(Judge, CountsARuleOnceHoweverOftenItHits) {
    auto evidence = clean_evidence();
    evidence.content = an_analysis({"A", "A"});
    evidence.antivirus->hits.push_back({"A", "again"});
    EXPECT_DOUBLE_EQ(judge(evidence, a_catalogue({{"A", 2}})).score, 2);
}

TEST(Judge, ShowsAHitThatTheCatalogueDoesNotKnowWithoutCountingIt) {
    auto evidence = clean_evidence();
    evidence.content = an_analysis({"NEW_RULE"});
    const auto verdict = judge(evidence, a_catalogue({}));
    EXPECT_DOUBLE_EQ(verdict.score, 0);
    EXPECT_THAT(names(verdict), ElementsAre("NEW_RULE"));
    EXPECT_EQ(verdict.hits[0].describe, "not in the catalogue of rules");
}

TEST(Judge, SumsDecimalScoresAsAnAdministratorDoes) {
    auto evidence = clean_evidence();
    evidence.content = an_analysis({"A", "B", "C"});
    EXPECT_EQ(judge(evidence, a_catalogue({{"A", 0.1}, {"B", 0.2}, {"C", 5.7}})).score, 6.0);
}

TEST(Judge, AddsHeuristicsOfLibclamavAsScores) {
    auto evidence = clean_evidence();
    evidence.antivirus->hits.push_back({"CLAM_MACROS", "Heuristics.OLE2.ContainsMacros.VBA"});
    const auto verdict = judge(evidence, a_catalogue({{"CLAM_MACROS", 2}}));
    EXPECT_DOUBLE_EQ(verdict.score, 2);
    EXPECT_EQ(verdict.virus, "");
}

TEST(Judge, NamesTheVirus) {
    auto evidence = clean_evidence();
    evidence.antivirus->virus = "Worm";
    EXPECT_EQ(judge(evidence, {}).virus, "Worm");
}

TEST(Judge, CollectsTheReasonsOfAllSides) {
    auto evidence = clean_evidence();
    evidence.content->unread.push_back({Unread::encrypted, "a.zip"});
    evidence.antivirus->unread.push_back({Unread::unscanned, "limit"});
    evidence.unread.push_back({Unread::oversize, "70 MB"});
    const auto verdict = judge(evidence, {});
    EXPECT_EQ(verdict.unread.size(), 3U);
    EXPECT_TRUE(verdict.is_unread(Unread::encrypted));
    EXPECT_TRUE(verdict.is_unread(Unread::unscanned));
    EXPECT_TRUE(verdict.is_unread(Unread::oversize));
    EXPECT_FALSE(verdict.is_unread(Unread::scan_failed));
}

TEST(Judge, TakesTheSameReasonOfTwoPoolsForOne) {
    auto evidence = clean_evidence();
    evidence.content->unread.push_back({Unread::encrypted, "a.zip"});
    evidence.antivirus->unread.push_back({Unread::encrypted, "a.zip"});
    evidence.antivirus->unread.push_back({Unread::encrypted, "b.zip"});
    EXPECT_EQ(judge(evidence, {}).unread.size(), 2U);
}

TEST(Judge, CallsMissingContentUnknownAndNotClean) {
    Evidence evidence;
    evidence.unread.push_back({Unread::scan_failed, "no worker"});
    const auto verdict = judge(evidence, {});
    EXPECT_THAT(verdict.unknown, ElementsAre("content"));
    EXPECT_TRUE(verdict.is_unread(Unread::scan_failed));
    EXPECT_THAT(verdict.hits, IsEmpty());
}

TEST(Judge, KeepsTheDirection) {
    auto evidence = clean_evidence();
    evidence.direction = Direction::relayed;
    EXPECT_EQ(judge(evidence, {}).direction, Direction::relayed);
}

TEST(UnreadName, IsThePolicyKey) {
    EXPECT_EQ(unread_name(Unread::scan_failed), "scan-failed");
    EXPECT_EQ(unread_name(Unread::unscanned), "unscanned");
    EXPECT_EQ(unread_name(Unread::encrypted), "encrypted");
    EXPECT_EQ(unread_name(Unread::oversize), "oversize");
}

}  // namespace
}  // namespace cordon
