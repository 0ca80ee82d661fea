// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/trail.h"

#include <gtest/gtest.h>

#include "scoring/analysis/random_name.h"

namespace cordon {
namespace {

TEST(ParseReceived, ReadsPostfix) {
    const Hop hop = parse_received(
        " from pc (adsl-1.example.net [198.51.100.7])\n\tby mx.example.org (Postfix) with ESMTPSA "
        "id "
        "1;\n\tTue, 10 Sep 2024 09:12:05 +0000");
    EXPECT_EQ(hop.helo, "pc");
    EXPECT_EQ(hop.name, "adsl-1.example.net");
    EXPECT_EQ(hop.client->to_string(), "198.51.100.7");
    EXPECT_EQ(hop.by, "mx.example.org");
    EXPECT_TRUE(hop.is_authenticated);
    EXPECT_EQ(hop.unix_seconds, 1725959525);
}

TEST(ParseReceived, ReadsEximAndItsMissingName) {
    const Hop hop = parse_received(
        "from [198.51.100.7] (helo=friend)\n\tby mx.example.org with esmtp (Exim 4.94) id 1");
    EXPECT_EQ(hop.helo, "friend");
    EXPECT_TRUE(hop.is_unnamed);
    EXPECT_FALSE(hop.is_authenticated);
}

TEST(ParseReceived, ReadsQmailAndSendmail) {
    const Hop qmail =
        parse_received("from unknown (HELO pc.example.net) (198.51.100.7) by 0 with SMTP");
    EXPECT_EQ(qmail.helo, "pc.example.net");
    EXPECT_TRUE(qmail.is_unnamed);
    const Hop sendmail = parse_received(
        "from a.example.net (b.example.net [IPv6:2001:db8::7] (may be forged)) by mx (8.14/8.14) "
        "with ESMTP");
    EXPECT_EQ(sendmail.name, "b.example.net");
    EXPECT_EQ(sendmail.client->to_string(), "2001:db8::7");
}

TEST(ParseReceived, SurvivesNonsense) {
    for (const auto* text :
         {"", "from", "from (((((", "by", ";;;", "from a by b with", "from [ (] by"})
        EXPECT_EQ(parse_received(text).unix_seconds, 0) << text;
}

TEST(IsDialupName, KnowsTheLinesOfHouseholds) {
    EXPECT_TRUE(is_dialup_name("adsl-12-34.pool.example.com"));
    EXPECT_TRUE(is_dialup_name("198-51-100-7.example.com"));
    EXPECT_FALSE(is_dialup_name("mail7.example.com"));
    EXPECT_FALSE(is_dialup_name("example.com"));
}

TEST(IsRandomName, LeavesNamesOfPeopleAlone) {
    EXPECT_TRUE(is_random_name("gspqfpmlq"));
    EXPECT_FALSE(is_random_name("krzysztof"));
    EXPECT_FALSE(is_random_name("schwarzkopf"));
    EXPECT_FALSE(is_random_name("bounce-3.20211.83-x9q7z"));
    EXPECT_FALSE(is_random_name(""));
}

}  // namespace
}  // namespace cordon
