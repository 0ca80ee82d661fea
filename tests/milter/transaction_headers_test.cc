// SPDX-License-Identifier: GPL-2.0-only
// Our header fields on delivered mail, and forged copies of them on arriving mail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "milter/transaction.h"
#include "tests/support/milter_site.h"

namespace cordon {
namespace {

using test::Call;
using test::FakeMta;
using test::MilterSite;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The deletions among the calls, as "name index".
std::vector<std::string> deletions(const FakeMta& mta) {
    std::vector<std::string> out;
    for (const auto& call : mta.calls)
        if (call.name == "chgheader")
            out.push_back(call.arguments.at(0) + " " + call.arguments.at(1));
    return out;
}

TEST(OurHeaders, StandOnTopInTheirOrder) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send({.headers = {{"From", " a"}, {"Subject", " b"}}});
    EXPECT_THAT(mta->header_names(),
                ElementsAre("Authentication-Results", "X-Spam-Flag", "X-Spam-Score",
                            "X-Spam-Status", "X-Spam-Level", "X-Cordon-Id", "From", "Subject"));
}

TEST(OurHeaders, StateScoreThresholdAndTests) {
    const MilterSite site;
    site.find({"TWO", "FIVE"});
    const auto mta = site.connection();
    mta->send({});
    EXPECT_EQ(mta->header_values("X-Spam-Score"), std::vector<std::string>{" 7.0"});
    EXPECT_EQ(mta->header_values("X-Spam-Status"),
              std::vector<std::string>{" Yes, score=7.0 required=4\n\ttests=FIVE,TWO"});
    EXPECT_EQ(mta->header_values("X-Spam-Level"), std::vector<std::string>{" *******"});
}

TEST(OurHeaders, StateThePolicyOfTheSiteForAllRecipients) {
    const MilterSite site("[user.alice@example.org]\ntag = 1\n");
    site.find({"TWO"});
    const auto mta = site.connection();
    mta->send({});
    EXPECT_EQ(mta->header_values("X-Spam-Flag"), std::vector<std::string>{" NO"});
}

TEST(OurHeaders, AreMissingOnAuthenticatedMail) {
    const MilterSite site;
    FakeMta mta(*site.process);
    mta.macros["{auth_authen}"] = "bob";
    mta.open();
    EXPECT_EQ(mta.send({}), SMFIS_CONTINUE);
    EXPECT_THAT(mta.calls, IsEmpty());
}

TEST(OurHeaders, AreMissingOnMailFromOwnNetworks) {
    const MilterSite site;
    FakeMta mta(*site.process);
    ASSERT_EQ(mta.negotiate(), SMFIS_CONTINUE);
    mta.connect("desk.example.org", "198.51.100.9");
    EXPECT_EQ(mta.send({}), SMFIS_CONTINUE);
    EXPECT_THAT(mta.calls, IsEmpty());
}

TEST(ForgedFields, OfOursAreDeleted) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send({.headers = {{"X-Spam-Flag", " NO"},
                           {"x-spam-STATUS", " No"},
                           {"X-Cordon-Id", " 1"},
                           {"X-Cordon-Seal", " v1"},
                           {"X-Cordon-Anything", " x"},
                           {"X-Spam-Level", ""},
                           {"X-Spam-Score", " -9"},
                           {"Subject", " Hello"}}});
    EXPECT_THAT(mta->header_names(),
                ElementsAre("Authentication-Results", "X-Spam-Flag", "X-Spam-Score",
                            "X-Spam-Status", "X-Spam-Level", "X-Cordon-Id", "Subject"));
}

TEST(ForgedFields, AreDeletedFromTheLastToTheFirst) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send({.headers = {{"X-Spam-Flag", " 1"},
                           {"X-SPAM-FLAG", " 2"},
                           {"Subject", ""},
                           {"x-spam-flag", " 3"}}});
    EXPECT_THAT(deletions(*mta), ElementsAre("x-spam-flag 3", "X-SPAM-FLAG 2", "X-Spam-Flag 1"));
    EXPECT_EQ(mta->header_values("X-Spam-Flag").size(), 1U) << "ours";
}

TEST(ForgedFields, AreDeletedBeforeOursAreInserted) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send({.headers = {{"X-Spam-Flag", " YES"}}});
    EXPECT_EQ(mta->calls.at(0), (Call{"chgheader", {"X-Spam-Flag", "1", ""}}));
    EXPECT_EQ(mta->header_values("X-Spam-Flag"), std::vector<std::string>{" NO"});
}

TEST(ForgedFields, WithABlankBeforeTheColonAreDeletedToo) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send(
        {.headers = {{"X-Spam-Flag", " a"}, {"X-Spam-Flag ", " b"}, {"X-Spam-Flag\t", " c"}}});
    EXPECT_EQ(mta->header_values("X-Spam-Flag"), std::vector<std::string>{" NO"});
}

TEST(ForgedFields, OfAuthenticationResultsWithOurNameAreDeleted) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send({.headers = {{"Authentication-Results", " mx.example.org; spf=pass"},
                           {"authentication-results",
                            " (a (nested) \\( comment) \"MX.example\\.org\" 1; dkim=pass"},
                           {"Authentication-Results", "\n\tMX.EXAMPLE.ORG(x); arc=pass"}}});
    EXPECT_EQ(mta->header_values("Authentication-Results"),
              std::vector<std::string>{" mx.example.org; none"});
}

TEST(ForgedFields, OfAForeignAuthenticationServiceAreKept) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send({.headers = {{"Authentication-Results", " mx.example.net; spf=pass"},
                           {"Authentication-Results", " mx.example.org; spf=pass"},
                           {"Authentication-Results", " mx.example.org.example.net; none"}}});
    EXPECT_THAT(deletions(*mta), ElementsAre("Authentication-Results 2"));
}

TEST(ForgedFields, AreDeletedFromAuthenticatedMailToo) {
    const MilterSite site;
    FakeMta mta(*site.process);
    mta.macros["{auth_authen}"] = "bob";
    mta.open();
    mta.send({.headers = {{"X-Spam-Flag", " NO"}, {"Subject", " Hello"}}});
    EXPECT_THAT(mta.header_names(), ElementsAre("Subject"));
}

}  // namespace
}  // namespace cordon
