// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/address.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

struct One {
    const char* name;
    std::string_view value;
    std::string_view display_name;
    std::string_view address;
};

class ParseMailbox : public testing::TestWithParam<One> {};

TEST_P(ParseMailbox, ReadsNameAndAddress) {
    const auto found = parse_mailboxes(GetParam().value);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].display_name, GetParam().display_name);
    EXPECT_EQ(found[0].address(), GetParam().address);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ParseMailbox,
    testing::Values(
        One{"Bare", "ann@example.org", "", "ann@example.org"},
        One{"Angle", "Ann Lee <ann@Example.ORG>", "Ann Lee", "ann@example.org"},
        One{"OnlyAngle", " <ann@example.org>", "", "ann@example.org"},
        One{"QuotedName", "\"Lee, Ann\" <ann@example.org>", "Lee, Ann", "ann@example.org"},
        One{"EscapedQuote", "\"Ann \\\"A\\\" Lee\" <ann@example.org>", "Ann \"A\" Lee",
            "ann@example.org"},
        One{"CommentName", "ann@example.org (Ann Lee)", "Ann Lee", "ann@example.org"},
        One{"NestedComment", "(a (b)) ann@example.org", "a (b)", "ann@example.org"},
        One{"EncodedName", "=?utf-8?q?J=C3=BCrgen?= <j@example.org>", "J\u00fcrgen",
            "j@example.org"},
        One{"EncodedCommaStaysInTheName", "=?utf-8?q?Lee=2C_Ann?= <a@example.org>", "Lee, Ann",
            "a@example.org"},
        One{"AddressAsName", "\"bank@example.com\" <x@example.net>", "bank@example.com",
            "x@example.net"},
        One{"QuotedLocalPart", "\"a b\"@example.org", "", "a b@example.org"},
        One{"QuotedLocalPartInAngle", "Ann <\"a@b\"@example.org>", "Ann", "a@b@example.org"},
        One{"SourceRoute", "<@one.example,@two.example:ann@example.org>", "", "ann@example.org"},
        One{"TwoAngles", "Ann <bank@example.com <x@example.net>", "Ann <bank@example.com",
            "x@example.net"},
        One{"NoClosingAngle", "Ann <ann@example.org", "Ann", "ann@example.org"},
        One{"NoDomain", "Ann <ann>", "Ann", "ann"},
        One{"TrailingDot", "ann@example.org.", "", "ann@example.org"},
        One{"Folded", "Ann\r\n Lee\r\n <ann@example.org>", "Ann Lee", "ann@example.org"},
        One{"QuoteNeverClosed", "\"Ann <ann@example.org>", "\"Ann", "ann@example.org"},
        One{"ColonInAName", "Re: Ann <ann@example.org>", "Re: Ann", "ann@example.org"}),
    [](const auto& test) { return test.param.name; });

TEST(ParseMailboxes, ReadsAList) {
    const auto found = parse_mailboxes("a@example.org, \"B, C\" <b@example.org>,, c@example.org");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[1].display_name, "B, C");
    EXPECT_EQ(found[2].local_part, "c");
}

TEST(ParseMailboxes, FlattensGroups) {
    const auto found = parse_mailboxes("Team: a@example.org, B <b@example.org>; c@example.org");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].address(), "a@example.org");
    EXPECT_EQ(found[1].display_name, "B");
    EXPECT_TRUE(parse_mailboxes("undisclosed-recipients:;").empty());
}

TEST(ParseMailboxes, KeepsItsLimit) {
    std::string value;
    for (int i = 0; i < 1000; ++i) value += "a@example.org,";
    EXPECT_EQ(parse_mailboxes(value, 7).size(), 7U);
}

TEST(ParseMailboxes, StaysLinearOnWhatNeverCloses) {
    for (const char* piece : {"<,", "\"", "(", "a:", "\"\" ", "<"}) {
        std::string value = "x";
        for (int i = 0; i < 100000; ++i) value += piece;
        EXPECT_LE(parse_mailboxes(value).size(), 200U) << piece;
    }
}

}  // namespace
}  // namespace cordon
