// SPDX-License-Identifier: GPL-2.0-only
#include "conf/address_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/values.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using ::testing::ElementsAre;

AddressMap map_of(const std::string& text) {
    const auto map = parse_value<AddressMap>(text);
    EXPECT_TRUE(map) << map.error().what;
    return map ? *map : AddressMap{};
}

TEST(AddressMapValue, GivesTheAddressBehindAnAlias) {
    EXPECT_EQ(map_of("Sales@example.org=alice@Example.org").target("sales@example.org"),
              "alice@example.org");
    EXPECT_EQ(map_of("sales@example.org=alice@example.org").target("bob@example.org"), "");
}

TEST(AddressMapValue, KeepsTheNameWhenADomainStandsForAnother) {
    EXPECT_EQ(map_of("@old.example=@new.example").target("bob@old.example"), "bob@new.example");
}

TEST(AddressMapValue, TakesAnAddressBeforeItsDomain) {
    const auto map = map_of("@old.example=@new.example a@old.example=b@x.example");
    EXPECT_EQ(map.target("a@old.example"), "b@x.example");
}

TEST(AddressMapValue, RefusesWhatIsNoPair) {
    EXPECT_THAT(parse_value<AddressMap>("a@b.example"), FailsWith("neither file:/path nor"));
    EXPECT_THAT(parse_value<AddressMap>("a@b.example=@c.example"), FailsWith("neither"));
}

TEST(AddressMapFile, IsReadInTheFormOfPostfix) {
    const test::TemporaryDirectory directory;
    const auto path = directory.write("virtual",
                                      "# comment\nexample.org anything\n"
                                      "sales@example.org alice@example.org, bob@example.org\n"
                                      "@old.example  @example.org\n");
    const auto pairs = read_address_map(path);
    ASSERT_TRUE(pairs) << pairs.error().what;
    EXPECT_THAT(*pairs,
                ElementsAre("sales@example.org=alice@example.org", "@old.example=@example.org"));
}

TEST(AddressMapFile, NamesTheLineThatItRefuses) {
    const test::TemporaryDirectory directory;
    const auto path = directory.write("virtual", "a@example.org root\n");
    EXPECT_THAT(read_address_map(path), FailsWith(path + ":1: expected"));
}

}  // namespace
}  // namespace cordon
