// SPDX-License-Identifier: GPL-2.0-only
#include "conf/policy.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

/// A policy that can be told from others by its tag threshold.
Policy marked(double mark) {
    Policy out;
    out.tag = {mark};
    return out;
}

PolicyTable example_table() {
    PolicyTable table;
    table.site = marked(1);
    table.set_domain("Example.ORG", marked(2));
    table.set_user("Alice@Example.org", marked(3));
    table.set_user("alice+lists@example.org", marked(4));
    return table;
}

struct Lookup {
    const char* address;
    double mark;
};

class PolicyLookup : public ::testing::TestWithParam<Lookup> {};

TEST_P(PolicyLookup, FindsTheNearestSection) {
    EXPECT_EQ(example_table().for_recipient(GetParam().address).tag.value, GetParam().mark)
        << GetParam().address;
}

INSTANTIATE_TEST_SUITE_P(
    ForRecipient, PolicyLookup,
    ::testing::Values(Lookup{"bob@example.net", 1}, Lookup{"bob@example.org", 2},
                      Lookup{"BOB@EXAMPLE.ORG", 2}, Lookup{"alice@example.org", 3},
                      Lookup{"ALICE@Example.Org", 3}, Lookup{"alice+shop@example.org", 3},
                      Lookup{"alice+lists@example.org", 4},
                      Lookup{"alice+lists+more@example.org", 3}, Lookup{"+alice@example.org", 2},
                      Lookup{"bob+alice@example.org", 2}, Lookup{"alice@sub.example.org", 1},
                      Lookup{"postmaster", 1}, Lookup{"", 1}, Lookup{"@", 1},
                      // spellings that an MTA delivers to the same mailbox
                      Lookup{"alice@example.org.", 3}, Lookup{"bob@example.org.", 2},
                      Lookup{"\"alice\"@example.org", 3}, Lookup{"\"al\\ice\"@example.org", 3},
                      Lookup{"\"alice+lists\"@example.org", 4},
                      Lookup{"@relay.example.net,@b.example:alice@example.org", 3}));

TEST(PolicyTable, FindsADomainWithoutRegardToCase) {
    const auto table = example_table();
    ASSERT_NE(table.domain("EXAMPLE.org"), nullptr);
    EXPECT_EQ(table.domain("example.net"), nullptr);
}

// ---- which section an address selects ----

PolicyTable table_with_aliases() {
    auto table = example_table();
    table.set_domain("bücher.example", marked(5));
    table.address_map = *parse_value<AddressMap>(
        "sales@example.org=alice@example.org @old.example=@example.org "
        "ring@x.example=ring2@x.example "
        "ring2@x.example=ring@x.example");
    return table;
}

TEST(PolicyTable, FollowsAnAliasToTheAddressBehindIt) {
    EXPECT_EQ(table_with_aliases().for_recipient("Sales@example.org").tag.value, 3);
    EXPECT_EQ(table_with_aliases().for_recipient("sales+shop@example.org").tag.value, 3);
    EXPECT_EQ(table_with_aliases().for_recipient("alice@old.example").tag.value, 3);
    EXPECT_EQ(table_with_aliases().for_recipient("bob@old.example").tag.value, 2);
}

TEST(PolicyTable, TakesAUsersOwnSectionBeforeTheAlias) {
    auto table = table_with_aliases();
    table.set_user("sales@example.org", marked(9));
    EXPECT_EQ(table.for_recipient("sales@example.org").tag.value, 9);
}

TEST(PolicyTable, EndsACircleOfAliases) {
    EXPECT_EQ(table_with_aliases().for_recipient("ring@x.example").tag.value, 1);
}

TEST(PolicyTable, FindsADomainBeyondAsciiInBothForms) {
    EXPECT_EQ(table_with_aliases().for_recipient("a@BÜCHER.example").tag.value, 5);
    EXPECT_EQ(table_with_aliases().for_recipient("a@bücher.example").tag.value, 5);
    EXPECT_EQ(table_with_aliases().for_recipient("a@xn--bcher-kva.example").tag.value, 5);
}

TEST(PolicyTable, TakesTheDelimitersOfTheSite) {
    auto table = example_table();
    table.recipient_delimiter = "-";
    EXPECT_EQ(table.for_recipient("alice-shop@example.org").tag.value, 3);
    EXPECT_EQ(table.for_recipient("alice+shop@example.org").tag.value, 2);
}

}  // namespace
}  // namespace cordon
