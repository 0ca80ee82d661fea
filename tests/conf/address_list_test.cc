// SPDX-License-Identifier: GPL-2.0-only
#include "conf/address_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/values.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using ::testing::ElementsAre;

bool contains(const std::string& list, std::string_view address) {
    const auto parsed = parse_value<AddressList>(list);
    return parsed && parsed->contains(address);
}

TEST(AddressListValue, FindsAMailboxInEverySpelling) {
    EXPECT_TRUE(contains("Eve@Example.net", "eve@example.NET."));
    EXPECT_TRUE(contains("eve@example.net", "\"eve\"@example.net"));
    EXPECT_FALSE(contains("eve@example.net", "eva@example.net"));
}

TEST(AddressListValue, FindsADomainButNotThoseBelowIt) {
    EXPECT_TRUE(contains("example.net", "x@example.net"));
    EXPECT_TRUE(contains("@example.net", "x@example.net"));
    EXPECT_FALSE(contains("example.net", "x@sub.example.net"));
    EXPECT_FALSE(contains("example.net", "x@badexample.net"));
}

TEST(AddressListValue, FindsWhatLiesBelowADomainWithADotBeforeIt) {
    EXPECT_TRUE(contains(".example.net", "x@a.b.example.net"));
    EXPECT_FALSE(contains(".example.net", "x@example.net"));
}

TEST(AddressListValue, TakesADomainBeyondAsciiInBothForms) {
    EXPECT_TRUE(contains("bücher.example", "x@xn--bcher-kva.example"));
    EXPECT_TRUE(contains("xn--bcher-kva.example", "x@Bücher.example"));
}

TEST(AddressListValue, HoldsNothingForTheNullSender) {
    EXPECT_FALSE(contains("example.net", ""));
}

TEST(AddressListValue, RefusesWhatIsNeitherAddressNorDomain) {
    EXPECT_THAT(parse_value<AddressList>("a@b@c"), FailsWith("'a@b@c' is no address"));
    EXPECT_THAT(parse_value<AddressList>("*.example.net"), FailsWith("is no address"));
    EXPECT_THAT(parse_value<AddressList>("file:relative"), FailsWith("wants a full path"));
}

TEST(AddressFile, HasWordsAndComments) {
    const test::TemporaryDirectory directory;
    const auto path =
        directory.write("list", "# all\na@example.net  b.example # two\n\n.c.example\n");
    const auto words = read_address_file(path);
    ASSERT_TRUE(words) << words.error().what;
    EXPECT_THAT(*words, ElementsAre("a@example.net", "b.example", ".c.example"));
}

TEST(AddressFile, NamesTheLineThatItRefuses) {
    const test::TemporaryDirectory directory;
    const auto path = directory.write("list", "a.example\nhttp://b.example\n");
    EXPECT_THAT(read_address_file(path), FailsWith(path + ":2: "));
}

TEST(AddressFile, IsAnErrorWhenItIsMissing) {
    EXPECT_THAT(read_address_file("/nowhere/list"), FailsWith("/nowhere/list"));
}

}  // namespace
}  // namespace cordon
