// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/judge/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/builders.h"

namespace cordon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Explain, SaysWhatWasDecidedAndWhy) {
    Verdict verdict = test::a_verdict(7.25);
    verdict.hits = {{"BIG", 5, "free $$$", "Promises money"}, {"SMALL", 2.25, "", "Odd date"}};
    const auto text =
        explain(verdict, {Action::quarantine, "score 7.25"}, test::a_policy(4, 6, 15));
    EXPECT_EQ(text,
              "quarantine (score 7.25)\n"
              "score 7.25 (tag 4, quarantine 6, reject 15)\n"
              "   5.00 BIG                          Promises money [free $$$]\n"
              "   2.25 SMALL                        Odd date\n"
              "below quarantine (6) without any one of BIG, SMALL\n"
              "7.75 more would have been reject (15)\n");
}

TEST(Explain, NamesTheHeaviestRulesThatTogetherDecided) {
    Verdict verdict = test::a_verdict(12);
    verdict.hits = {{"ONE", 5, "", ""}, {"TWO", 4, "", ""}, {"THREE", 3, "", ""}};
    const auto text = explain(verdict, {Action::quarantine, ""}, test::a_policy(4, 6, 15));
    EXPECT_THAT(
        text,
        HasSubstr("\nno rule decided alone: below quarantine (6) without ONE, TWO together\n"));
}

TEST(Explain, ListsWhatHasNoWeightByNameOnly) {
    Verdict verdict = test::a_verdict(0);
    verdict.hits = {{"HINT", 0, "x", "words"}};
    const auto text = explain(verdict, {Action::accept, ""}, test::a_policy(4, 6, 15));
    EXPECT_THAT(text,
                HasSubstr("\nseen, without weight: HINT\n4.00 more would have been tag (4)\n"));
}

TEST(Explain, NamesVirusAndWhatWasNotReadOrKnown) {
    Verdict verdict = test::a_virus_verdict("Worm.Test");
    verdict.unread.push_back({Unread::encrypted, "a.zip"});
    verdict.unknown.emplace_back("content");
    const auto text = explain(verdict, {Action::reject, "virus Worm.Test"}, Policy{});
    EXPECT_THAT(text, HasSubstr("\nvirus Worm.Test\n"));
    EXPECT_THAT(text, HasSubstr("\nnot read in full (encrypted): a.zip\n"));
    EXPECT_THAT(text, HasSubstr("\nunknown: content\n"));
}

TEST(Explain, KeepsEveryPartPrintable) {
    const std::string bad = "a\n\x1b[2J\xE2\x80\xAE\xFF";
    Verdict verdict = test::a_virus_verdict(bad);
    verdict.hits = {{"RULE", 1, bad, bad}};
    verdict.unread.push_back({Unread::unscanned, bad});
    verdict.unknown.push_back(bad);
    const auto text = explain(verdict, {Action::reject, bad}, Policy{});
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\xE2\x80\xAE")));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 8);
}

}  // namespace
}  // namespace cordon
