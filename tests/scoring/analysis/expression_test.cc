// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/expression.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

struct Mistake {
    std::string_view text;
    const char* words;
};

class ExpressionMistakes : public testing::TestWithParam<Mistake> {};

TEST_P(ExpressionMistakes, AreToldWithPlaceAndExpectation) {
    EXPECT_THAT(parse_expression(GetParam().text), FailsWith(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(
    All, ExpressionMistakes,
    testing::Values(
        Mistake{"", "expected a condition"}, Mistake{"body", "expected =~, !~, == or !="},
        Mistake{"body > 5", "expected =~, !~, == or != after a text"},
        Mistake{"body =~ offer", "expected a regular expression between slashes"},
        Mistake{"body =~ /offer", "expected '/' after"}, Mistake{"body =~ //", "not empty"},
        Mistake{"parts", "after a number"}, Mistake{"parts > many", "expected a number"},
        Mistake{"parts > 5x", "such as 5, 20k or 3M"},
        Mistake{"has_html and", "expected a condition"}, Mistake{"(has_html", "expected ')'"},
        Mistake{"header() =~ /x/", "name of a header field"},
        Mistake{"header =~ /x/", "expected '('"}, Mistake{"colour == \"red\"", "character 1"},
        Mistake{"body == red", "double quotes"}, Mistake{"exists(parts)", "expected a text"},
        Mistake{"count(body =~ /x/)", "after a number"},
        Mistake{"kinds(body) > 1", "kinds() needs =~"},
        Mistake{"has_html has_plain", "expected 'and', 'or' or the end"}));

TEST(ParseExpression, BindsNotBeforeAndBeforeOr) {
    const auto read = parse_expression("A_RULE or not B_RULE and C_RULE");
    ASSERT_THAT(read, IsOk());
    const auto& root = read->conditions.back();
    EXPECT_EQ(root.kind, Condition::Kind::either);
    EXPECT_EQ(read->conditions[root.right].kind, Condition::Kind::both);
    EXPECT_EQ(read->rules, (std::vector<std::string>{"A_RULE", "B_RULE", "C_RULE"}));
}

TEST(ParseExpression, KeepsEscapesOfTheExpressionButNotThoseOfSlashes) {
    const auto read = parse_expression(R"(url =~ /a\/b\.c/i)");
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(read->regexes[0].pattern, "a/b\\.c");
    EXPECT_EQ(read->regexes[0].flags, "i");
}

TEST(ParseExpression, ReadsUnitsOfNumbers) {
    const auto read = parse_expression("size > 20k and size < 3M");
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(read->conditions[0].second.constant, 20'000);
    EXPECT_EQ(read->conditions[1].second.constant, 3'000'000);
}

TEST(ParseExpression, RefusesDeepNesting) {
    EXPECT_THAT(parse_expression(std::string(5000, '(')), FailsWith("nested too deep"));
    std::string nots;
    for (int i = 0; i < 5000; ++i) nots += "not ";
    EXPECT_THAT(parse_expression(nots + "has_html"), FailsWith("nested too deep"));
}

}  // namespace
}  // namespace cordon
