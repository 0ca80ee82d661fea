// SPDX-License-Identifier: GPL-2.0-only
// Mail that moves to the quarantine: who is moved, in which order, and what happens when it can't
// be stored.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "milter/transaction.h"
#include "tests/support/milter_site.h"

namespace cordon {
namespace {

using test::Call;
using test::mail_for_three;
using test::MilterSite;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Redirect, AddsTheMailboxBeforeItDeletesTheRecipients) {
    const MilterSite site;
    site.find({"SEVEN"});
    const auto mta = site.connection();
    EXPECT_EQ(mta->send(mail_for_three()), SMFIS_CONTINUE);
    std::vector<Call> edits;
    std::copy_if(
        mta->calls.begin(), mta->calls.end(), std::back_inserter(edits),
        [](const auto& call) { return call.name.ends_with("rcpt") || call.name == "addrcpt_par"; });
    EXPECT_THAT(
        edits,
        ElementsAre(Call{"addrcpt_par", {"<quarantine@example.org>", "NOTIFY=NEVER"}},
                    Call{"delrcpt", {"<Alice@Example.org>"}}, Call{"delrcpt", {"<bob@b.example>"}},
                    Call{"delrcpt", {"<carol@example.org>"}}));
}

TEST(Redirect, DeletesRecipientsWithTheBytesReceived) {
    const MilterSite site;
    site.find({"SEVEN"});
    const auto mta = site.connection();
    mta->send(
        {.recipients = {
             {"<Mixed.CASE+x@EXAMPLE.org>"}, {"bare@Example.ORG"}, {"<\"a b\"@example.org>"}}});
    EXPECT_THAT(mta->recipients, ElementsAre("<quarantine@example.org>"));
}

TEST(Redirect, MovesOnlyThoseRecipientsWhoWantIt) {
    const MilterSite site("[domain.b.example]\nquarantine = 10\n");
    site.find({"SEVEN"});
    const auto mta = site.connection();
    EXPECT_EQ(mta->send(mail_for_three()), SMFIS_CONTINUE);
    EXPECT_THAT(mta->recipients, ElementsAre("<bob@b.example>", "<quarantine@example.org>"));
    const auto held = site.keeper->held().at(0).message.recipients;
    ASSERT_EQ(held.size(), 2U);
    EXPECT_EQ(held[0].path, "<Alice@Example.org>");
    EXPECT_EQ(held[0].parameters, "NOTIFY=FAILURE");
    EXPECT_EQ(held[1].path, "<carol@example.org>");
}

TEST(Redirect, HoldsForThoseWhoRejectWhenOthersTakeTheMail) {
    const MilterSite site("[domain.b.example]\nquarantine = off\nreject = off\n");
    site.find({"SEVENTEEN"});
    const auto mta = site.connection();
    EXPECT_EQ(mta->send(mail_for_three()), SMFIS_CONTINUE);
    EXPECT_THAT(mta->recipients, ElementsAre("<bob@b.example>", "<quarantine@example.org>"));
}

TEST(Redirect, DefersForAllWhenOneRecipientDefers) {
    const MilterSite site("[user.carol@example.org]\nencrypted = defer\n");
    Analysis analysis;
    analysis.unread.push_back({Unread::encrypted, "invoice.zip"});
    site.scanner->answer_with(analysis);
    const auto mta = site.connection();
    EXPECT_EQ(mta->send(mail_for_three()), SMFIS_TEMPFAIL);
    EXPECT_THAT(mta->call_names(), ElementsAre("setreply"));
}

TEST(Redirect, GivesTheKeeperEverythingThatAReleaseNeeds) {
    const MilterSite site;
    site.find({"SEVEN"});
    const auto mta = site.connection();
    mta->macros["i"] = "4ABCDEF";
    mta->send({.from = {"<Bob@Example.com>", "BODY=8BITMIME", "RET=HDRS"}});
    const auto held = site.keeper->held().at(0);
    EXPECT_EQ(held.original, "Subject: Hello\r\n\r\nText\r\n");
    EXPECT_EQ(held.message.mail_from, "<Bob@Example.com>");
    EXPECT_EQ(held.message.mail_parameters, "BODY=8BITMIME RET=HDRS");
    EXPECT_EQ(held.message.queue_id, "4ABCDEF");
    EXPECT_EQ(held.message.client, "192.0.2.7");
    EXPECT_EQ(held.message.rules, "SEVEN");
    EXPECT_EQ(held.message.reason, "score 7");
    EXPECT_EQ(held.message.home, "mx.example.org");
    EXPECT_EQ(held.message.subject, "Invoice 17");
    EXPECT_THAT(held.message.report, HasSubstr("An excerpt for people"));
}

test::Mail with_unknown_nonce() {
    return {.headers = {{"X-Cordon-Release", " v1." + std::string(64, 'a')}, {"Subject", " x"}}};
}

TEST(ReleaseHeader, ThatIsNoGoodFromHereComesAgainAndIsNotHeldAnew) {
    const MilterSite site;
    site.find({"SEVEN"});
    test::FakeMta mta(*site.process);
    mta.negotiate();
    mta.connect("localhost", "127.0.0.1");
    EXPECT_EQ(mta.send(with_unknown_nonce()), SMFIS_TEMPFAIL);
    EXPECT_THAT(site.keeper->held(), IsEmpty());
}

TEST(ReleaseHeader, ThatIsNoGoodFromElsewhereSaysNothing) {
    const MilterSite site;
    site.find({"SEVEN"});
    EXPECT_EQ(site.connection()->send(with_unknown_nonce()), SMFIS_CONTINUE);
    EXPECT_EQ(site.keeper->held().size(), 1U);
}

TEST(Redirect, KeepsTheNullSender) {
    const MilterSite site;
    site.find({"SEVEN"});
    site.connection()->send({.from = {"<>"}});
    EXPECT_EQ(site.keeper->held().at(0).message.mail_from, "<>");
}

TEST(Redirect, NamesTheHeldMessageAsItsHeaderDoes) {
    const MilterSite site;
    site.find({"SEVEN"});
    const auto mta = site.connection();
    mta->send({});
    EXPECT_EQ(mta->header_values("X-Cordon-Id"),
              std::vector<std::string>{" " + site.keeper->held().at(0).message.id});
}

TEST(Redirect, ActsAsTagWithoutAQuarantineMailbox) {
    const MilterSite site("", false);
    site.find({"SEVEN"});
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({}), SMFIS_CONTINUE);
    EXPECT_THAT(mta->recipients, ElementsAre("<alice@example.org>"));
    EXPECT_EQ(mta->header_values("X-Spam-Flag"), std::vector<std::string>{" YES"});
    EXPECT_THAT(site.keeper->held(), IsEmpty());
}

TEST(Redirect, NeverTouchesMailToTheQuarantineItself) {
    const MilterSite site;
    site.find({"SEVEN"});
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({.recipients = {{"<Quarantine@EXAMPLE.org>"}}}), SMFIS_CONTINUE);
    EXPECT_THAT(mta->recipients, ElementsAre("<Quarantine@EXAMPLE.org>"));
    EXPECT_THAT(site.keeper->held(), IsEmpty());
}

TEST(Redirect, KnowsTheQuarantineInEverySpellingThatTheMtaAccepts) {
    const MilterSite site;
    site.find({"SEVEN"});
    for (const char* path : {"<\"quarantine\"@example.org>", "<quarantine@example.org.>",
                             "<@relay.example.net:quarantine@example.org>"}) {
        const auto mta = site.connection();
        mta->send({.recipients = {{path}}});
        EXPECT_THAT(mta->recipients, ElementsAre(path));
    }
}

TEST(Redirect, LeavesTheQuarantineAloneWhenOthersAreHeld) {
    const MilterSite site;
    site.find({"SEVEN"});
    const auto mta = site.connection();
    mta->send({.recipients = {{"<alice@example.org>"}, {"<quarantine@example.org>"}}});
    EXPECT_THAT(mta->recipients, ElementsAre("<quarantine@example.org>"));
    EXPECT_THAT(mta->calls, Not(Contains(Call{"delrcpt", {"<quarantine@example.org>"}})));
}

TEST(Redirect, LeavesTheQuarantineAloneWhenItsRejectMeetsOtherWishes) {
    const MilterSite site("[domain.b.example]\nquarantine = off\nreject = off\n");
    site.find({"SEVENTEEN"});
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({.recipients = {{"<bob@b.example>"}, {"<quarantine@example.org>"}}}),
              SMFIS_CONTINUE);
    EXPECT_THAT(mta->recipients, ElementsAre("<bob@b.example>", "<quarantine@example.org>"));
}

// ---- no place to hold it ----

TEST(StoreFailure, DefersAndChangesNoRecipient) {
    const MilterSite site;
    site.find({"SEVEN"});
    site.keeper->refuse_with("the vault is full");
    const auto mta = site.connection();
    EXPECT_EQ(mta->send(mail_for_three()), SMFIS_TEMPFAIL);
    EXPECT_THAT(mta->reply, ::testing::StartsWith("451 4.7.1 "));
    EXPECT_THAT(mta->recipients,
                ElementsAre("<Alice@Example.org>", "<bob@b.example>", "<carol@example.org>"));
}

TEST(StoreFailure, DefersWhenTheKeeperIsAway) {
    MilterSite site;
    site.find({"SEVEN"});
    site.stop_keeper();
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({}), SMFIS_TEMPFAIL);
    EXPECT_THAT(mta->recipients, ElementsAre("<alice@example.org>"));
}

TEST(StoreFailure, DefersEvenWhereErrorsAreAccepted) {
    const MilterSite site("[milter]\non-error = accept\n");
    site.find({"SEVEN"});
    site.keeper->refuse_with("the vault is full");
    EXPECT_EQ(site.connection()->send({}), SMFIS_TEMPFAIL);
}

TEST(StoreFailure, HoldsInTheQueueOfTheMtaWhereTheSiteSaysSo) {
    const MilterSite site(
        "[quarantine]\nmailbox = quarantine@example.org\non-store-failure = hold\n", false);
    site.find({"SEVEN"});
    site.keeper->refuse_with("the vault is full");
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({}), SMFIS_CONTINUE);
    EXPECT_THAT(mta->call_names(), Contains("quarantine"));
    EXPECT_THAT(mta->recipients, ElementsAre("<alice@example.org>"));
}

TEST(StoreFailure, RedirectsWithoutACopyWhereTheSiteSaysSo) {
    const MilterSite site(
        "[quarantine]\nmailbox = quarantine@example.org\non-store-failure = redirect\n", false);
    site.find({"SEVEN"});
    site.keeper->refuse_with("the vault is full");
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({}), SMFIS_CONTINUE);
    EXPECT_THAT(mta->recipients, ElementsAre("<quarantine@example.org>"));
}

}  // namespace
}  // namespace cordon
