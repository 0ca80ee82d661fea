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
              "   2.25 SMALL                        Odd date\n");
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
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6);
}

}  // namespace
}  // namespace cordon
