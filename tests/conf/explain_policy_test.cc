// SPDX-License-Identifier: GPL-2.0-only
#include "conf/explain_policy.h"

#include <gtest/gtest.h>

#include "tests/support/builders.h"

namespace cordon {
namespace {

ExplainedValue explained(const std::string& address, const std::string& key) {
    const auto c = test::a_configuration(
        "[milter]\nmode = shadow\n[policy]\ntag = 3\nquarantine = 7\n[domain.example.org]\n"
        "quarantine = 8\n[user.alice@example.org]\ntag = 5\n");
    for (auto& value : explain_policy(*c, address).values)
        if (value.key == key) return value;
    ADD_FAILURE() << "no key " << key;
    return {};
}

TEST(ExplainPolicy, NamesTheNearestPlaceKeyByKey) {
    EXPECT_EQ(explained("alice@example.org", "tag").section, "user.alice@example.org");
    EXPECT_EQ(explained("alice@example.org", "quarantine").section, "domain.example.org");
    EXPECT_EQ(explained("bob@example.org", "tag").section, "policy");
    EXPECT_EQ(explained("bob@example.net", "quarantine").value, "7");
}

TEST(ExplainPolicy, NamesTheLine) {
    const auto value = explained("Alice+lists@Example.org", "tag");
    EXPECT_EQ(value.value, "5");
    EXPECT_TRUE(value.place.ends_with(":9")) << value.place;
}

TEST(ExplainPolicy, NamesNoPlaceForADefault) {
    EXPECT_EQ(explained("bob@example.net", "reject").place, "");
}

TEST(ExplainPolicy, TakesTheModeOfTheSiteFromTheMilter) {
    EXPECT_EQ(explained("bob@example.net", "mode").value, "shadow");
    EXPECT_EQ(explained("bob@example.net", "mode").section, "milter");
}

}  // namespace
}  // namespace cordon
