// SPDX-License-Identifier: GPL-2.0-only
// The C boundary to libmilter: what is negotiated, and what survives from one message to the next.
#include "milter/callbacks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <thread>

#include "tests/support/milter_site.h"

namespace cordon {
namespace {

using test::FakeMta;
using test::Mail;
using test::MilterSite;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr unsigned long kAllNoReply = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL |
                                      SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;

TEST(Negotiate, AsksForLeadingBlanksOfHeaderFields) {
    const MilterSite site;
    FakeMta mta(*site.process);
    ASSERT_EQ(mta.negotiate(), SMFIS_CONTINUE);
    EXPECT_NE(mta.steps & SMFIP_HDR_LEADSPC, 0U);
}

TEST(Negotiate, AsksForTheActionsItUses) {
    const MilterSite site;
    FakeMta mta(*site.process);
    ASSERT_EQ(mta.negotiate(), SMFIS_CONTINUE);
    constexpr unsigned long kUsed = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_ADDRCPT_PAR |
                                    SMFIF_DELRCPT | SMFIF_QUARANTINE | SMFIF_SETSYMLIST;
    EXPECT_EQ(mta.actions & kUsed, kUsed);
}

TEST(Negotiate, NeverAsksToReplaceBodies) {
    const MilterSite site;
    FakeMta mta(*site.process);
    ASSERT_EQ(mta.negotiate(), SMFIS_CONTINUE);
    EXPECT_EQ(mta.actions & SMFIF_CHGBODY, 0U);
}

TEST(Negotiate, RefusesAnMtaThatCannotChangeRecipients) {
    const MilterSite site;
    FakeMta mta(*site.process);
    mta.offered_actions &= ~static_cast<unsigned long>(SMFIF_DELRCPT);
    EXPECT_EQ(mta.negotiate(), SMFIS_REJECT);
}

TEST(Negotiate, AnswersNoStepThatTheMtaAgreesNotToWaitFor) {
    const MilterSite site;
    FakeMta mta(*site.process);
    ASSERT_EQ(mta.negotiate(), SMFIS_CONTINUE);
    EXPECT_EQ(mta.steps & kAllNoReply, kAllNoReply);
    EXPECT_EQ(mta.connect("mail.example.com", "192.0.2.7"), SMFIS_NOREPLY);
    EXPECT_EQ(mta.helo("mail.example.com"), SMFIS_NOREPLY);
    EXPECT_EQ(mta.mail({"<bob@example.com>"}), SMFIS_NOREPLY);
    EXPECT_EQ(mta.rcpt({"<alice@example.org>"}), SMFIS_NOREPLY);
    EXPECT_EQ(mta.header("Subject", " Hello"), SMFIS_NOREPLY);
    EXPECT_EQ(mta.end_of_header(), SMFIS_NOREPLY);
    EXPECT_EQ(mta.body("Text\r\n"), SMFIS_NOREPLY);
    EXPECT_EQ(mta.end_of_message(), SMFIS_CONTINUE);
}

TEST(Negotiate, AnswersEachStepOfAnMtaThatWaits) {
    const MilterSite site;
    FakeMta mta(*site.process);
    mta.offered_steps &= ~static_cast<unsigned long>(SMFIP_NR_RCPT);
    ASSERT_EQ(mta.negotiate(), SMFIS_CONTINUE);
    EXPECT_EQ(mta.steps & kAllNoReply, 0U);
    EXPECT_EQ(mta.connect("mail.example.com", "192.0.2.7"), SMFIS_CONTINUE);
    EXPECT_EQ(mta.mail({"<bob@example.com>"}), SMFIS_CONTINUE);
    EXPECT_EQ(mta.rcpt({"<alice@example.org>"}), SMFIS_CONTINUE);
    EXPECT_EQ(mta.body("Text\r\n"), SMFIS_CONTINUE);
}

TEST(Negotiate, RequestsTheMacrosItReads) {
    const MilterSite site;
    FakeMta mta(*site.process);
    ASSERT_EQ(mta.negotiate(), SMFIS_CONTINUE);
    EXPECT_THAT(mta.requested_macros[SMFIM_CONNECT], ::testing::HasSubstr("{client_name}"));
    EXPECT_THAT(mta.requested_macros[SMFIM_ENVFROM], ::testing::HasSubstr("{auth_authen}"));
    EXPECT_EQ(mta.requested_macros[SMFIM_EOM], "i");
}

TEST(Callbacks, TellTheWorkerWhatTheSessionShowed) {
    const MilterSite site;
    FakeMta mta(*site.process);
    mta.macros = {{"{client_name}", "mail.example.com"}, {"{auth_authen}", "bob"}};
    mta.open();
    mta.send({.from = {"<bob@example.com>", "SIZE=10"}});
    const auto envelope = site.scanner->seen().at(0).request.envelope;
    EXPECT_GT(envelope.received_at, 0) << "it arrived now";
    EXPECT_EQ(envelope.client_name, "mail.example.com");
    EXPECT_EQ(envelope.client.to_string(), "192.0.2.7");
    EXPECT_EQ(envelope.helo, "mail.example.com");
    EXPECT_EQ(envelope.mail_from, "bob@example.com");
    EXPECT_EQ(envelope.auth_user, "bob");
    EXPECT_THAT(envelope.recipients, ElementsAre("alice@example.org"));
}

TEST(Callbacks, TakeAClientWithoutAVerifiedNameForNameless) {
    const MilterSite site;
    FakeMta mta(*site.process);
    mta.macros = {{"{client_name}", "unknown"}};
    mta.open();
    mta.send({});
    EXPECT_EQ(site.scanner->seen().at(0).request.envelope.client_name, "");
}

TEST(Callbacks, TakeABracketedAddressForNoName) {
    const MilterSite site;
    FakeMta mta(*site.process);
    ASSERT_EQ(mta.negotiate(), SMFIS_CONTINUE);
    mta.connect("[192.0.2.7]", "192.0.2.7");
    mta.send({});
    EXPECT_EQ(site.scanner->seen().at(0).request.envelope.client_name, "");
}

TEST(Callbacks, WorkForAClientWithoutAnAddress) {
    const MilterSite site;
    FakeMta mta(*site.process);
    ASSERT_EQ(mta.negotiate(), SMFIS_CONTINUE);
    mta.connect("localhost", "not an internet address");
    EXPECT_EQ(mta.send({}), SMFIS_CONTINUE);
    EXPECT_FALSE(site.scanner->seen().at(0).request.envelope.client.is_known());
}

// ---- one message and the next on a connection ----

TEST(Session, CarriesNothingIntoTheNextMessage) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send({.recipients = {{"<alice@example.org>"}, {"<carol@example.org>"}},
               .headers = {{"X-Spam-Flag", " NO"}},
               .body = "first\r\n"});
    mta->abort();
    mta->send({.from = {"<>"}, .recipients = {{"<dave@example.org>"}}, .body = "second\r\n"});
    const auto second = site.scanner->seen().at(1);
    EXPECT_EQ(second.message, "Subject: Hello\r\n\r\nsecond\r\n");
    EXPECT_THAT(second.request.envelope.recipients, ElementsAre("dave@example.org"));
    EXPECT_EQ(second.request.envelope.mail_from, "");
    EXPECT_EQ(mta->calls.at(0).name, "insheader")
        << "the first message's forged field is forgotten";
}

TEST(Session, BearsAbortTwiceAndThenClose) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send({});
    EXPECT_EQ(mta->abort(), SMFIS_CONTINUE);
    EXPECT_EQ(mta->abort(), SMFIS_CONTINUE);
    EXPECT_EQ(mta->send({.body = "again\r\n"}), SMFIS_CONTINUE);
    EXPECT_EQ(site.scanner->seen().size(), 2U);
    mta->close();
}

TEST(Session, BearsCloseAsTheOnlyCallback) {
    const MilterSite site;
    FakeMta mta(*site.process);
    mta.close();
    mta.close();
}

TEST(Session, FreesAMessageThatIsCutByClose) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send_up_to_end({});
    mta->close();
    EXPECT_THAT(site.scanner->seen(), IsEmpty());
}

TEST(Session, ForgetsAMessageThatRsetCut) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->mail({"<eve@example.net>"});
    mta->rcpt({"<carol@example.org>"});
    mta->header("Subject", " lost");
    mta->abort();
    mta->send({});
    const auto seen = site.scanner->seen();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].message, "Subject: Hello\r\n\r\nText\r\n");
    EXPECT_EQ(seen[0].request.envelope.mail_from, "bob@example.com");
}

TEST(Session, ForgetsAMessageWhenMailFollowsWithoutAbort) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send_up_to_end({.recipients = {{"<carol@example.org>"}}});
    mta->send({});
    EXPECT_EQ(site.scanner->seen().at(0).message, "Subject: Hello\r\n\r\nText\r\n");
    EXPECT_THAT(site.scanner->seen().at(0).request.envelope.recipients,
                ElementsAre("alice@example.org"));
}

TEST(Session, DefersAnEndOfMessageWithoutMail) {
    const MilterSite site;
    const auto mta = site.connection();
    EXPECT_EQ(mta->end_of_message(), SMFIS_TEMPFAIL);
    EXPECT_THAT(site.scanner->seen(), IsEmpty());
}

TEST(Session, DefersASecondEndOfMessage) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send({});
    EXPECT_EQ(mta->end_of_message(), SMFIS_TEMPFAIL);
}

TEST(Session, PassesOverWhatComesOutsideOfAMessage) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->rcpt({"<carol@example.org>"});
    mta->header("Subject", " early");
    mta->end_of_header();
    mta->body("early\r\n");
    mta->send({});
    EXPECT_EQ(site.scanner->seen().at(0).message, "Subject: Hello\r\n\r\nText\r\n");
}

TEST(Session, KeepsTheClientForTheNextMessage) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send({});
    mta->abort();
    mta->send({});
    EXPECT_EQ(site.scanner->seen().at(1).request.envelope.client.to_string(), "192.0.2.7");
}

TEST(Session, KeepsTheConfigurationThatAMessageBeganWith) {
    const MilterSite site("[milter]\nmode = shadow\n");
    const auto mta = site.connection();
    mta->send_up_to_end({});
    site.process->replace_snapshot(site.snapshot_with("", true));
    EXPECT_EQ(mta->end_of_message(), SMFIS_ACCEPT) << "still in shadow mode";
    EXPECT_EQ(mta->send({}), SMFIS_CONTINUE) << "the next one is tagged";
}

TEST(Session, GoesOnWhileOthersRunAndTheConfigurationIsReplaced) {
    const MilterSite site;
    std::vector<std::unique_ptr<FakeMta>> connections;
    for (int i = 0; i < 4; ++i) connections.push_back(site.connection());
    {
        std::vector<std::jthread> threads;
        for (auto& mta : connections)
            threads.emplace_back([&mta] {
                for (int i = 0; i < 25; ++i) EXPECT_EQ(mta->send({}), SMFIS_CONTINUE);
            });
        for (int i = 0; i < 25; ++i) site.process->replace_snapshot(site.snapshot_with("", true));
    }
    EXPECT_EQ(site.scanner->seen().size(), 100U);
    EXPECT_EQ(site.process->in_flight(), 0);
}

// ---- exceptions ----

/// Throws at the nth call of this name.
auto throw_at(const std::string& name, int nth = 1) {
    return [name, nth, seen = 0](const std::string& call) mutable {
        if (call == name && ++seen == nth) throw std::bad_alloc();
        return MI_SUCCESS;
    };
}

TEST(Callbacks, DeferAMessageWhenAStepBeforeItsEndThrew) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->send_up_to_end({});
    mta->on_call = throw_at("getsymval");
    EXPECT_EQ(mta->helo("again"), SMFIS_NOREPLY);
    EXPECT_EQ(mta->connect("again", "192.0.2.8"), SMFIS_NOREPLY);
    mta->on_call = nullptr;
    EXPECT_EQ(mta->end_of_message(), SMFIS_TEMPFAIL);
    EXPECT_THAT(mta->reply, ::testing::StartsWith("451 4.7.1 "));
}

TEST(Callbacks, AcceptAMessageWhenAStepThrewAndTheSiteSaysSo) {
    const MilterSite site("[milter]\non-error = accept\n");
    const auto mta = site.connection();
    mta->send_up_to_end({});
    mta->on_call = throw_at("getsymval");
    mta->connect("again", "192.0.2.8");
    EXPECT_EQ(mta->end_of_message(), SMFIS_ACCEPT);
    EXPECT_EQ(mta->send({}), SMFIS_CONTINUE) << "the next message is examined as ever";
}

TEST(Callbacks, DeferAMessageWhoseMailCommandThrew) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->on_call = throw_at("getsymval");
    EXPECT_EQ(mta->send({}), SMFIS_TEMPFAIL);
    EXPECT_THAT(site.scanner->seen(), IsEmpty());
    EXPECT_EQ(mta->send({}), SMFIS_CONTINUE);
}

TEST(Callbacks, DeferAMessageWhoseEndThrew) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->on_call = throw_at("insheader");
    EXPECT_EQ(mta->send({}), SMFIS_TEMPFAIL);
    EXPECT_THAT(mta->reply, ::testing::StartsWith("451 4.7.1 "));
}

TEST(Callbacks, AcceptAMessageWhoseEndThrewBeforeAnyEditWhenTheSiteSaysSo) {
    const MilterSite site("[milter]\non-error = accept\n");
    const auto mta = site.connection();
    mta->on_call = throw_at("getsymval", 2);  // the first one is of MAIL
    EXPECT_EQ(mta->send({}), SMFIS_ACCEPT);
    EXPECT_THAT(mta->calls, IsEmpty());
}

TEST(Callbacks, DeferHalfDoneEditsEvenWhenTheSiteAcceptsOnError) {
    const MilterSite site("[milter]\non-error = accept\n");
    site.find({"SEVEN"});
    const auto mta = site.connection();
    mta->on_call = throw_at("delrcpt");
    EXPECT_EQ(mta->send({}), SMFIS_TEMPFAIL);
}

TEST(Callbacks, DeferWhenTheLinkToTheMtaFailsAmongEdits) {
    const MilterSite site("[milter]\non-error = accept\n");
    const auto mta = site.connection();
    mta->on_call = [](const std::string& name) {
        return name == "insheader" ? MI_FAILURE : MI_SUCCESS;
    };
    EXPECT_EQ(mta->send({}), SMFIS_TEMPFAIL);
}

}  // namespace
}  // namespace cordon
