// SPDX-License-Identifier: GPL-2.0-only
// One message from MAIL to its answer: what the sender is told, who gets the mail, what is held.
#include "milter/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "conf/base/log.h"
#include "scoring/scanner/parser_error_reason.h"
#include "tests/support/milter_site.h"

namespace cordon {
namespace {

using test::mail_for_three;
using test::MilterSite;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

TEST(EndOfMessage, DeliversCleanMailToEverybody) {
    const MilterSite site;
    const auto mta = site.connection();
    EXPECT_EQ(mta->send(mail_for_three()), SMFIS_CONTINUE);
    EXPECT_THAT(mta->recipients,
                ElementsAre("<Alice@Example.org>", "<bob@b.example>", "<carol@example.org>"));
    EXPECT_THAT(site.keeper->held(), IsEmpty());
    EXPECT_EQ(mta->header_values("X-Spam-Flag"), std::vector<std::string>{" NO"});
}

TEST(EndOfMessage, TagsMailOverTheTagThreshold) {
    const MilterSite site;
    site.find({"FIVE"});
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({}), SMFIS_CONTINUE);
    EXPECT_THAT(mta->recipients, ElementsAre("<alice@example.org>"));
    EXPECT_EQ(mta->header_values("X-Spam-Flag"), std::vector<std::string>{" YES"});
}

TEST(EndOfMessage, RefusesSpamByThePromisedText) {
    const MilterSite site;
    site.find({"SEVENTEEN"});
    const auto mta = site.connection();
    EXPECT_EQ(mta->send(mail_for_three()), SMFIS_REJECT);
    EXPECT_THAT(mta->reply,
                MatchesRegex("550 5\\.7\\.1 Message refused as spam \\(id [0-9a-f]{18}\\)"));
    EXPECT_THAT(mta->call_names(), ElementsAre("setreply"));
}

TEST(EndOfMessage, RefusesAVirusByThePromisedText) {
    const MilterSite site("[clamav]\nenabled = yes\n");
    site.find_virus("Win.Test.EICAR_HDB-1");
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({}), SMFIS_REJECT);
    EXPECT_THAT(mta->reply,
                MatchesRegex("554 5\\.7\\.1 Message refused: virus Win\\.Test\\.EICAR_HDB-1 "
                             "\\(id [0-9a-f]{18}\\)"));
}

TEST(EndOfMessage, DefersByThePromisedTextWhenNoWorkerIsThere) {
    MilterSite site;
    site.stop_scanner();
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({}), SMFIS_TEMPFAIL);
    EXPECT_THAT(mta->reply, MatchesRegex("451 4\\.7\\.1 Content scan unavailable, try again later "
                                         "\\(id [0-9a-f]{18}\\)"));
    EXPECT_THAT(mta->call_names(), ElementsAre("setreply"));
}

TEST(EndOfMessage, DefersForAllWhenTheVirusScannerIsAway) {
    MilterSite site("[clamav]\nenabled = yes\n");
    site.antivirus.reset();
    const auto mta = site.connection();
    EXPECT_EQ(mta->send(mail_for_three()), SMFIS_TEMPFAIL);
}

TEST(EndOfMessage, HoldsAMessageOverWhichTheWorkersDie) {
    const MilterSite site;
    site.scanner->die_on_each();
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({}), SMFIS_CONTINUE);
    EXPECT_EQ(site.scanner->seen().size(), 2U) << "one retry";
    EXPECT_THAT(mta->recipients, ElementsAre("<quarantine@example.org>"));
    EXPECT_THAT(site.keeper->held().at(0).message.reason, HasSubstr("unscanned"));
}

TEST(EndOfMessage, AcceptsAMessageThatHasNoRecipientLeft) {
    const MilterSite site;
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({.recipients = {}}), SMFIS_ACCEPT);
    EXPECT_THAT(site.scanner->seen(), IsEmpty());
}

TEST(EndOfMessage, DiscardsOnlyWhereAnAdministratorWroteIt) {
    const MilterSite site("[clamav]\nenabled = yes\n[policy]\nvirus = discard\n");
    site.find_virus("Worm");
    const auto mta = site.connection();
    EXPECT_EQ(mta->send(mail_for_three()), SMFIS_DISCARD);
    EXPECT_THAT(mta->calls, IsEmpty());
}

TEST(EndOfMessage, DeletesOnlyThoseWhoDiscardWhenTheOthersTakeIt) {
    const MilterSite site(
        "[clamav]\nenabled = yes\n[policy]\nvirus = tag\n"
        "[user.alice@example.org]\nvirus = discard\n");
    site.find_virus("Worm");
    const auto mta = site.connection();
    EXPECT_EQ(mta->send(mail_for_three()), SMFIS_CONTINUE);
    EXPECT_THAT(mta->recipients, ElementsAre("<bob@b.example>", "<carol@example.org>"));
}

// ---- modes ----

TEST(ShadowMode, TouchesNothing) {
    const MilterSite site("[milter]\nmode = shadow\n[clamav]\nenabled = yes\n");
    site.find({"SEVENTEEN"});
    site.find_virus("Worm");
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({.headers = {{"X-Spam-Flag", " YES"}}}), SMFIS_ACCEPT);
    EXPECT_THAT(mta->calls, IsEmpty());
    EXPECT_THAT(site.keeper->held(), IsEmpty());
}

TEST(ShadowMode, AcceptsWhenNoWorkerIsThere) {
    MilterSite site("[milter]\nmode = shadow\n");
    site.stop_scanner();
    EXPECT_EQ(site.connection()->send({}), SMFIS_ACCEPT);
}

TEST(ShadowMode, AcceptsWhenCordonItselfFails) {
    const MilterSite site("[milter]\nmode = shadow\n");
    const auto mta = site.connection();
    mta->macros["i"] = "4ABCDEF";
    int calls = 0;
    mta->on_call = [&calls](const std::string&) -> int {
        if (++calls == 2) throw std::bad_alloc();
        return MI_SUCCESS;
    };
    EXPECT_EQ(mta->send({}), SMFIS_ACCEPT);
}

TEST(TagOnlyMode, TagsWhatWouldBeRefused) {
    const MilterSite site("[milter]\nmode = tag-only\n");
    site.find({"SEVENTEEN"});
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({}), SMFIS_CONTINUE);
    EXPECT_THAT(mta->recipients, ElementsAre("<alice@example.org>"));
    EXPECT_EQ(mta->header_values("X-Spam-Flag"), std::vector<std::string>{" YES"});
}

TEST(TagOnlyMode, StillRefusesAVirus) {
    const MilterSite site("[milter]\nmode = tag-only\n[clamav]\nenabled = yes\n");
    site.find_virus("Worm");
    EXPECT_EQ(site.connection()->send({}), SMFIS_REJECT);
}

TEST(TagOnlyMode, DeliversWhatCouldNotBeScanned) {
    MilterSite site("[milter]\nmode = tag-only\n");
    site.stop_scanner();
    EXPECT_EQ(site.connection()->send({}), SMFIS_CONTINUE);
}

// ---- the log ----

class VerdictLog : public ::testing::Test {
 protected:
    VerdictLog() { log::open("test", LogTarget::standard_error, LogFormat::text, LogLevel::info); }
    ~VerdictLog() override {
        log::open("test", LogTarget::standard_error, LogFormat::text, LogLevel::error);
    }
};

TEST_F(VerdictLog, HasOneLineForEachRecipient) {
    const MilterSite site("[domain.b.example]\nquarantine = 10\n");
    site.find({"SEVEN"});
    const auto mta = site.connection();
    mta->macros["i"] = "4ABCDEF";
    ::testing::internal::CaptureStderr();
    mta->send({.recipients = {{"<alice@example.org>"}, {"<bob@b.example>"}},
               .headers = {{"Message-ID", " <1@example.com>"}}});
    const std::string out = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
    EXPECT_THAT(out,
                HasSubstr("qid=4ABCDEF mid=<1@example.com> from=bob@example.com "
                          "to=alice@example.org action=quarantine score=7 rules=SEVEN virus="));
    EXPECT_THAT(out, HasSubstr("to=bob@b.example action=tag score=7"));
}

TEST_F(VerdictLog, IsNotBrokenByAMessageId) {
    const MilterSite site;
    const auto mta = site.connection();
    ::testing::internal::CaptureStderr();
    mta->send({.headers = {{"Message-ID", " <1@x>\n\tverdict id=forged"}}});
    const std::string out = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
}

TEST_F(VerdictLog, AsksToReportAFailureOfAParserWhileTheMessageIsHeld) {
    const MilterSite site;
    Analysis analysis;
    analysis.unread.push_back({Unread::unscanned, std::string(kParserError) + ": part 2: at: 7"});
    site.scanner->answer_with(analysis);
    const auto mta = site.connection();
    mta->macros["i"] = "4ABCDEF";
    ::testing::internal::CaptureStderr();
    mta->send({});
    EXPECT_THAT(::testing::internal::GetCapturedStderr(),
                ContainsRegex("parser-error id=[0-9a-f]+ qid=4ABCDEF "
                              "error=\"parser-error: part 2: at: 7\""));
    EXPECT_THAT(mta->recipients, ElementsAre("<quarantine@example.org>"));
    EXPECT_THAT(site.process->context().metrics->text(),
                HasSubstr("cordon_unread_total{kind=\"parser-error\"} 1"));
}

}  // namespace
}  // namespace cordon
