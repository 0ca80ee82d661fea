// SPDX-License-Identifier: GPL-2.0-only
#include "conf/quarantine_values.h"

#include <gtest/gtest.h>

#include "conf/configuration.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;

TEST(TimeOfDay, IsReadAndShownAsHourAndMinute) {
    EXPECT_EQ(parse_value<TimeOfDay>("07:05")->minutes, 7U * 60 + 5);
    EXPECT_EQ(to_text(*parse_value<TimeOfDay>("7:05")), "07:05");
    EXPECT_EQ(to_text(*parse_value<TimeOfDay>("23:59")), "23:59");
}

TEST(TimeOfDay, IsNothingElse) {
    for (const char* text : {"", "7", "24:00", "07:60", "07:5", "-1:00", "07:05:00", "007:05"})
        EXPECT_THAT(parse_value<TimeOfDay>(text), FailsWith("time of day")) << text;
}

constexpr auto kQuarantine =
    "[quarantine]\nmailbox = q@example.org\nrelease-via = smtp://127.0.0.1:10035\n";

TEST(DigestOptions, FollowTheNearestSection) {
    const auto c = test::a_configuration(
        std::string(kQuarantine) +
        "[domain.example.org]\ndigest = yes\nlanguage = de\nlearning = users\n"
        "[user.staff@example.org]\ndigest = no\n");
    EXPECT_FALSE(c->policy.site.digest);
    const auto& alice = c->policy.for_recipient("alice@example.org");
    EXPECT_TRUE(alice.digest);
    EXPECT_EQ(alice.language, Language::german);
    EXPECT_EQ(alice.learning, LearnFrom::users);
    EXPECT_FALSE(c->policy.for_recipient("staff@example.org").digest);
    EXPECT_EQ(c->policy.for_recipient("staff@example.org").language, Language::german);
}

TEST(DigestOptions, NeedAWayToSend) {
    const std::string text = "[domain.example.org]\ndigest = yes\n";
    EXPECT_THAT(parse_configuration(text, "x.conf"), FailsWith("x.conf:2: digest = yes needs"));
    EXPECT_THAT(parse_configuration("[policy]\ndigest = yes\n", "x.conf"), FailsWith("x.conf:2"));
}

TEST(DigestOptions, AnswersGoToTheQuarantineUnlessSaidOtherwise) {
    EXPECT_EQ(test::a_configuration(kQuarantine)->quarantine.answer_address(), "q@example.org");
    const auto other =
        test::a_configuration(std::string(kQuarantine) + "digest-address = release@example.org\n");
    EXPECT_EQ(other->quarantine.answer_address(), "release@example.org");
    EXPECT_THAT(parse_configuration("[quarantine]\ndigest-address = nobody\n", "x.conf"),
                FailsWith("x.conf:2: quarantine.digest-address"));
}

TEST(UserFolders, NeedAMailbox) {
    EXPECT_THAT(parse_configuration("[quarantine]\nuser-folders = shared\n", "x.conf"),
                FailsWith("x.conf:2: quarantine.user-folders needs"));
}

}  // namespace
}  // namespace cordon
