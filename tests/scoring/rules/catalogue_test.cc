// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/rules/catalogue.h"

#include <gtest/gtest.h>

#include <limits>

#include "scoring/rules/antivirus_rules.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

TEST(Catalogue, RefusesARuleThatStandsTwice) {
    Catalogue catalogue;
    EXPECT_THAT(catalogue.add("SOME_RULE", {1, "words", "test"}), IsOk());
    EXPECT_THAT(catalogue.add("SOME_RULE", {2, "other words", "test"}), FailsWith("twice"));
}

TEST(Catalogue, RefusesNamesThatAreNotUpperSnake) {
    Catalogue catalogue;
    for (const char* name : {"", "lower", "With-Dash", "1FIRST", "_BLOCK", "A B"}) {
        EXPECT_THAT(catalogue.add(name, {1, "words", "test"}), FailsWith("no rule name")) << name;
    }
}

TEST(Catalogue, RefusesARuleWithoutWords) {
    Catalogue catalogue;
    EXPECT_THAT(catalogue.add("SOME_RULE", {1, "  ", "test"}), FailsWith("no description"));
    EXPECT_THAT(catalogue.add("SOME_RULE", {1, "a\nb", "test"}), FailsWith("control characters"));
}

TEST(Catalogue, RefusesAbsurdScores) {
    Catalogue catalogue;
    EXPECT_THAT(catalogue.add("SOME_RULE", {1001, "words", "test"}), FailsWith("between"));
    EXPECT_THAT(
        catalogue.add("SOME_RULE", {std::numeric_limits<double>::quiet_NaN(), "words", "t"}),
        FailsWith("between"));
}

TEST(Catalogue, TravelsAsLines) {
    Catalogue catalogue;
    ASSERT_TRUE(catalogue.add("B_RULE", {-0.25, "second", "bulk"}));
    ASSERT_TRUE(catalogue.add("A_RULE", {1.5, "first", "body"}));
    EXPECT_EQ(catalogue.to_lines(), "A_RULE\t1.5\tbody\tfirst\nB_RULE\t-0.25\tbulk\tsecond\n");
    const auto read = Catalogue::from_lines(catalogue.to_lines());
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(read->find("B_RULE")->score, -0.25);
    EXPECT_EQ(read->to_lines(), catalogue.to_lines());
}

TEST(Catalogue, RefusesBrokenLines) {
    EXPECT_THAT(Catalogue::from_lines("A_RULE\t1.5\tbody\n"), FailsWith("four fields"));
    EXPECT_THAT(Catalogue::from_lines("A_RULE\tmuch\tbody\twords\n"), FailsWith("without a score"));
}

TEST(Catalogue, TakesTheAdministratorsScores) {
    Catalogue catalogue;
    ASSERT_TRUE(catalogue.add("A_RULE", {1.5, "first", "body"}));
    EXPECT_THAT(catalogue.override_score("A_RULE", 0), IsOk());
    EXPECT_EQ(catalogue.find("A_RULE")->score, 0);
    EXPECT_THAT(catalogue.override_score("NO_RULE", 1), FailsWith("no rule is named NO_RULE"));
    EXPECT_THAT(catalogue.override_score("A_RULE", 1e9), FailsWith("between"));
}

TEST(AntivirusRules, TurnHeuristicsIntoScoresAndLeaveVirusesAlone) {
    EXPECT_EQ(antivirus_rule_for("Heuristics.OLE2.ContainsMacros.VBA")->name, "CLAM_MACROS");
    EXPECT_EQ(antivirus_rule_for("PUA.Win.Tool.Example-1")->name, "CLAM_PUA");
    EXPECT_EQ(antivirus_rule_for("Heuristics.Phishing.Email.Cloaked.Null")->name,
              "CLAM_PHISHING_CLOAK");
    EXPECT_EQ(antivirus_rule_for("Eicar-Test-Signature"), nullptr);
}

}  // namespace
}  // namespace cordon
