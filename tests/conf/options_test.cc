// SPDX-License-Identifier: GPL-2.0-only
#include "conf/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;
using ::testing::HasSubstr;

TEST(OptionTable, AssignsToTheBoundMember) {
    Configuration configuration;
    const auto table = OptionTable::of(configuration);
    ASSERT_THAT(table.assign("milter.processes", "7"), IsOk());
    ASSERT_THAT(table.assign("cordon.authserv-id", "mx.example.org"), IsOk());
    ASSERT_THAT(table.assign("clamav.enabled", "no"), IsOk());
    EXPECT_EQ(configuration.milter.processes, 7U);
    EXPECT_EQ(configuration.cordon.authserv_id, "mx.example.org");
    EXPECT_FALSE(configuration.clamav.enabled);
}

TEST(OptionTable, KeepsTheOldValueWhenItRefusesANewOne) {
    Configuration configuration;
    const auto table = OptionTable::of(configuration);
    EXPECT_FALSE(table.assign("milter.deadline", "soon"));
    EXPECT_EQ(configuration.milter.deadline.value, Milliseconds(60'000));
}

TEST(OptionTable, RefusesNonsenseInASentence) {
    Configuration configuration;
    const auto table = OptionTable::of(configuration);
    EXPECT_THAT(table.assign("milter.processes", "two"), FailsWith("'two' is not a whole number"));
    EXPECT_THAT(table.assign("milter.processes", "2.5"), FailsWith("'2.5' is not a whole number"));
    EXPECT_THAT(table.assign("clamav.enabled", "perhaps"), FailsWith("'perhaps' is not yes or no"));
    EXPECT_THAT(table.assign("milter.deadline", "soon"), FailsWith("'soon' is not a time"));
}

TEST(OptionTable, TakesNoNegativeCount) {
    Configuration configuration;
    const auto table = OptionTable::of(configuration);
    EXPECT_FALSE(table.assign("milter.processes", "-1"));
    EXPECT_FALSE(table.assign("milter.processes", "-4294967295"));
}

TEST(OptionTable, TakesNoEmptyTextForASwitch) {
    Configuration configuration;
    const auto table = OptionTable::of(configuration);
    EXPECT_FALSE(table.assign("learning.automatic", ""));
    EXPECT_FALSE(configuration.learning.automatic);
}

TEST(OptionTable, KnowsWholeNamesOnly) {
    Configuration configuration;
    const auto table = OptionTable::of(configuration);
    EXPECT_TRUE(table.knows("milter.socket"));
    EXPECT_FALSE(table.knows("milter.sock"));
    EXPECT_FALSE(table.knows("socket"));
    EXPECT_FALSE(table.knows(""));
}

TEST(OptionTable, HasAWholeSentenceOfHelpForEveryOption) {
    Configuration configuration;
    const auto table = OptionTable::of(configuration);
    ASSERT_GT(table.rows().size(), 40U);
    for (const auto& row : table.rows()) {
        EXPECT_TRUE(row.help.ends_with('.')) << row.name << ": " << row.help;
        EXPECT_GE(row.help.size(), 10U) << row.name;
        EXPECT_FALSE(row.value_name.empty()) << row.name;
    }
}

TEST(OptionTable, HasEachNameOnceAndInOneRunOfItsSection) {
    Configuration configuration;
    std::set<std::string> names;
    std::set<std::string> sections;
    std::string current;
    const auto table = OptionTable::of(configuration);
    for (const auto& row : table.rows()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        const auto section = row.name.substr(0, row.name.find('.'));
        EXPECT_EQ(sections.insert(section).second, section != current) << row.name;
        current = section;
    }
}

TEST(OptionTable, HasDefaultsThatItWouldAcceptItself) {
    Configuration configuration;
    const auto table = OptionTable::of(configuration);
    for (const auto& row : table.rows())
        EXPECT_THAT(table.assign(row.name, row.show()), IsOk()) << row.name << " = " << row.show();
}

TEST(OptionTable, HasTheSameKeysForADomainAsForTheSite) {
    Configuration configuration;
    Policy policy;
    const auto whole = OptionTable::of(configuration);
    const auto scoped = OptionTable::of(policy);
    for (const auto& row : scoped.rows())
        EXPECT_TRUE(whole.knows((row.name == "mode" ? "milter." : "policy.") + row.name))
            << row.name;
}

TEST(OptionsHelp, ListsEveryOptionWithItsDefault) {
    const auto help = options_help();
    EXPECT_THAT(help, HasSubstr("[milter]\n"));
    EXPECT_THAT(help, HasSubstr("  deadline = TIME\n      Bound of one end of message"));
    EXPECT_THAT(help, HasSubstr("      default: 1m\n"));
}

TEST(OptionsManual, ClosesEveryListItOpens) {
    const auto manual = options_manual();
    std::size_t opened = 0;
    std::size_t closed = 0;
    for (std::size_t i = 0; (i = manual.find("\n.Bl ", i)) != std::string::npos; ++i) ++opened;
    for (std::size_t i = 0; (i = manual.find("\n.El\n", i)) != std::string::npos; ++i) ++closed;
    EXPECT_EQ(opened, closed);
    EXPECT_EQ(opened, 12U) << "one list a section";
    EXPECT_THAT(manual, HasSubstr(".It Cm deadline No = Ar TIME\n"));
}

}  // namespace
}  // namespace cordon
