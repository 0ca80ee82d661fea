// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/rule_cost.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "scoring/analysis/rule_set.h"

namespace cordon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A folder of rules that is gone after the test.
class RuleCosts : public ::testing::Test {
 protected:
    void SetUp() override { std::filesystem::create_directories(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    RuleSet with_rule(const std::string& condition) {
        std::ofstream(folder_ + "/site.rules")
            << "[SITE_RULE]\ndescribe = x\nscore = 1\nwhen = " << condition
            << "\nhit = Subject: x\nmiss = Subject: x\n";
        auto rules = RuleSet::load({folder_}, false);
        EXPECT_TRUE(rules) << rules.error().what;
        return std::move(*rules);
    }

    const std::string folder_ =
        (std::filesystem::temp_directory_path() / ("rule_cost_test." + std::to_string(::getpid())))
            .string();
};

TEST_F(RuleCosts, AreFineForARuleWithALiteral) {
    const auto rules = with_rule("body =~ /\\bfree (?:offer|gift)\\b/i");
    EXPECT_TRUE(rules.check_costs(""));
    EXPECT_THAT(rules.describe_costs(), Not(HasSubstr("has no literal")));
}

TEST_F(RuleCosts, NameTheRuleWithoutALiteral) {
    const auto rules = with_rule("body =~ /\\d{4} \\d{4}/");
    EXPECT_TRUE(rules.check_costs(""));
    EXPECT_THAT(rules.describe_costs(), HasSubstr("rule SITE_RULE has no literal"));
}

TEST_F(RuleCosts, RefuseARuleThatIsTooSlowWithItsPlace) {
    const auto rules = with_rule("body =~ /[a-z]{0,300}[a-z]{0,300}\\d/");
    const auto checked = rules.check_costs(folder_ + "/");
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error().what,
                HasSubstr(folder_ + "/site.rules:4: rule SITE_RULE is too slow"));
}

TEST_F(RuleCosts, RefuseWhatStallsOnlyOnTextsDerivedFromTheExpression) {
    for (const std::string pattern :
         {"(?:q|[p-r])+;", "code(?:\\w|\\d)+;", "(?:[x-z]|xy|yz|zx|xx|yy|zz|yx|xz|zy)+!",
          "(?:qr|[qr]{2})+;", "(?:#|[!-%])*end"}) {
        const auto checked = with_rule("body =~ /" + pattern + "/").check_costs("");
        ASSERT_FALSE(checked) << pattern;
        EXPECT_THAT(checked.error().what, HasSubstr("rule SITE_RULE is too slow: it gave up"));
    }
}

TEST_F(RuleCosts, AreFineForRepeatsThatCanBeReadInOneWay) {
    for (const std::string pattern :
         {"(?:q|[a-c])+;", "(?:ab|ba)+;", "code(?:[a-z]|\\d)+;", "(?>q|[p-r])+;"}) {
        const auto checked = with_rule("body =~ /" + pattern + "/").check_costs("");
        EXPECT_TRUE(checked) << checked.error().what;
    }
}

TEST_F(RuleCosts, AskOnlyAboutTheFolderThatIsMeant) {
    const auto rules = with_rule("body =~ /[a-z]{0,300}[a-z]{0,300}\\d/");
    EXPECT_TRUE(rules.check_costs("/elsewhere/"));
}

TEST(RuleCost, OfEveryShippedRuleIsAllowed) {
    const auto rules = RuleSet::load({"conf/rules"}, false);
    ASSERT_TRUE(rules);
    const auto checked = rules->check_costs("");
    EXPECT_TRUE(checked) << checked.error().what;
}

}  // namespace
}  // namespace cordon
