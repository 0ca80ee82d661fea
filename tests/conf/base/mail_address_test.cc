// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/mail_address.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

TEST(WithoutBrackets, TakesThemOffAPath) {
    EXPECT_EQ(without_brackets("<Alice@Example.org>"), "Alice@Example.org");
    EXPECT_EQ(without_brackets(" <a@b.example> "), "a@b.example");
    EXPECT_EQ(without_brackets("a@b.example"), "a@b.example");
    EXPECT_EQ(without_brackets("<>"), "");
    EXPECT_EQ(without_brackets(""), "");
}

TEST(WithoutBrackets, LeavesHalfAPairAlone) {
    EXPECT_EQ(without_brackets("<a@b.example"), "<a@b.example");
    EXPECT_EQ(without_brackets("<"), "<");
}

TEST(DomainOf, IsInLowerCaseAndWithoutTheFinalDot) {
    EXPECT_EQ(domain_of("Alice@Example.ORG."), "example.org");
    EXPECT_EQ(domain_of("\"a@b\"@example.org"), "example.org");
    EXPECT_EQ(domain_of("postmaster"), "");
    EXPECT_EQ(domain_of("a@"), "");
}

struct Pair {
    const char* a;
    const char* b;
};

class SameMailbox : public ::testing::TestWithParam<Pair> {};
class OtherMailbox : public ::testing::TestWithParam<Pair> {};

TEST_P(SameMailbox, IsRecognised) {
    EXPECT_TRUE(is_same_mailbox(GetParam().a, GetParam().b));
}
TEST_P(OtherMailbox, IsToldApart) {
    EXPECT_FALSE(is_same_mailbox(GetParam().a, GetParam().b));
}

INSTANTIATE_TEST_SUITE_P(IsSameMailbox, SameMailbox,
                         ::testing::Values(Pair{"a@example.org", "A@EXAMPLE.org"},
                                           Pair{"a@example.org", "a@example.org."},
                                           Pair{"\"a\"@example.org", "a@example.org"},
                                           Pair{"\"a\\b\"@example.org", "ab@example.org"},
                                           Pair{"@relay.example:a@example.org", "a@example.org"},
                                           Pair{"postmaster", "Postmaster"}, Pair{"", ""}));

INSTANTIATE_TEST_SUITE_P(IsSameMailbox, OtherMailbox,
                         ::testing::Values(Pair{"a@example.org", "b@example.org"},
                                           Pair{"a@example.org", "a@example.net"},
                                           Pair{"a@example.org", "a"},
                                           Pair{"a+x@example.org", "a@example.org"},
                                           Pair{"", "a@example.org"},
                                           Pair{"\"a@b\"@example.org", "a@example.org"},
                                           Pair{"\"\"@example.org", "a@example.org"}));

TEST(IsMailbox, TakesOrdinaryAddresses) {
    for (const char* address :
         {"a@example.org", "first.last+x@mx.example.org", "\"a@b\"@example.org", "a@[192.0.2.1]"})
        EXPECT_TRUE(is_mailbox(address)) << address;
}

TEST(IsMailbox, RefusesWhatAnMtaCouldReadDifferently) {
    for (const char* address :
         {"", "a", "@example.org", "a@", "a b@example.org", "<a@example.org>", "a@b@example.org",
          "a@example.org,b@example.org", "a@example.org\n", "a\x7F@example.org"})
        EXPECT_FALSE(is_mailbox(address)) << address;
}

TEST(IsMailbox, KeepsTheLimitsOfRfc5321) {
    EXPECT_TRUE(is_mailbox(std::string(64, 'a') + "@example.org"));
    EXPECT_FALSE(is_mailbox(std::string(65, 'a') + "@example.org"));
    EXPECT_TRUE(is_mailbox("a@" + std::string(255, 'b')));
    EXPECT_FALSE(is_mailbox("a@" + std::string(256, 'b')));
}

}  // namespace
}  // namespace cordon
