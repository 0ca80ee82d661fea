// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "quarantine/release/release_engine.h"
#include "quarantine/release/release_header.h"
#include "quarantine/smtp/smtp_mail.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

TEST(SmtpReply, IsReadOverPiecesAndLines) {
    SmtpReplyReader reader;
    EXPECT_FALSE(reader.take("250-mx.exam")->has_value());
    EXPECT_FALSE(reader.take("ple.org\r\n250-SIZE 100\r")->has_value());
    const auto reply = reader.take("\n250 DSN\r\n2");
    ASSERT_TRUE(reply && *reply);
    EXPECT_EQ((*reply)->text(), "250 mx.example.org; SIZE 100; DSN");
    EXPECT_TRUE(reader.has_more());
}

TEST(SmtpReply, ThatIsNoneIsRefused) {
    for (const auto* const bytes : {"hello\r\n", "25\r\n", "650 x\r\n", "150 x\r\n", "250_x\r\n",
                                    "250-a\r\n251 b\r\n", "2x0 a\r\n", "\r\n"})
        EXPECT_FALSE(SmtpReplyReader().take(bytes)) << bytes;
    EXPECT_FALSE(SmtpReplyReader().take(std::string(3000, '2')));
    std::string endless;
    for (int i = 0; i < 200; ++i) endless += "250-a\r\n";
    EXPECT_FALSE(SmtpReplyReader().take(endless));
    EXPECT_TRUE(SmtpReplyReader().take("250\r\n")->has_value());
}

SmtpMail a_mail() {
    return {
        "<Dana@Example.net>", "SIZE=9 BODY=8BITMIME RET=HDRS ENVID=x AUTH=<> X=1", {}, "", "body"};
}

TEST(MailCommand, KeepsWhatTheServerOffers) {
    EXPECT_EQ(mail_command(a_mail(), {{"SIZE", "1"}, {"8BITMIME", ""}, {"DSN", ""}}).value(),
              "MAIL FROM:<Dana@Example.net> SIZE=4 BODY=8BITMIME RET=HDRS ENVID=x");
    EXPECT_EQ(mail_command(a_mail(), {}).value(), "MAIL FROM:<Dana@Example.net>");
}

TEST(MailCommand, KeepsTheNullSender) {
    auto mail = a_mail();
    mail.mail_from = "<>";
    EXPECT_EQ(mail_command(mail, {}).value(), "MAIL FROM:<>");
}

TEST(MailCommand, NeedsSmtputf8WhereTheMailDoes) {
    auto mail = a_mail();
    mail.mail_from = "<d\xc3\xa4na@example.net>";
    EXPECT_THAT(mail_command(mail, {}), FailsWith("SMTPUTF8"));
    EXPECT_THAT(mail_command(mail, {{"SMTPUTF8", ""}}).value(), testing::EndsWith("> SMTPUTF8"));
}

TEST(MailCommand, IsOneLineWhateverTheEnvelopeHolds) {
    auto mail = a_mail();
    mail.mail_from = "<a@b>\r\nRCPT TO:<eve@example.com>";
    EXPECT_THAT(mail_command(mail, {}), FailsWith("no envelope address"));
    EXPECT_FALSE(rcpt_command({"<a@b\n>", ""}, {}));
    EXPECT_EQ(rcpt_command({"<a@b>", "NOTIFY=NEVER\r\nDATA ORCPT=rfc822;a"}, {{"DSN", ""}}).value(),
              "RCPT TO:<a@b> ORCPT=rfc822;a");
}

TEST(RcptCommand, KeepsItsDsnParametersWhereOffered) {
    const EnvelopeRecipient recipient{"<a@b>", "NOTIFY=FAILURE ORCPT=rfc822;c@d"};
    EXPECT_EQ(rcpt_command(recipient, {}).value(), "RCPT TO:<a@b>");
    EXPECT_EQ(rcpt_command(recipient, {{"DSN", ""}}).value(),
              "RCPT TO:<a@b> NOTIFY=FAILURE ORCPT=rfc822;c@d");
}

std::string stuffed(std::initializer_list<std::string_view> pieces) {
    DotStuffer stuffer;
    std::string out;
    for (const auto piece : pieces) stuffer.append(out, piece);
    stuffer.finish(out);
    return out;
}

TEST(DotStuffer, DoublesDotsAtLineStartsOnly) {
    EXPECT_EQ(stuffed({".a\r\n.\r\n..b.\r\n"}), "..a\r\n..\r\n...b.\r\n.\r\n");
    EXPECT_EQ(stuffed({"a\r", "\n", ".b\r\n"}), "a\r\n..b\r\n.\r\n");
}

TEST(DotStuffer, EndsTheLastLine) {
    EXPECT_EQ(stuffed({"a"}), "a\r\n.\r\n");
    EXPECT_EQ(stuffed({""}), ".\r\n");
}

TEST(DotStuffer, LeavesNoBareLineFeedThatCouldEndTheMessage) {
    EXPECT_EQ(stuffed({"a\n.\nRCPT"}), "a\r\n..\r\nRCPT\r\n.\r\n");
    EXPECT_EQ(stuffed({"a\r\r\n"}), "a\r\r\n.\r\n");
}

TEST(ReleaseHeader, TellsANonceFromAnythingElse) {
    const std::string nonce(64, 'a');
    EXPECT_EQ(release_nonce(" " + release_value(nonce)), nonce);
    EXPECT_FALSE(release_nonce("v1." + std::string(63, 'a')));
    EXPECT_FALSE(release_nonce("v1." + std::string(64, 'A')));
    EXPECT_FALSE(release_nonce(nonce));
}

TEST(ReleaseHead, IsTwoHeaderFields) {
    EXPECT_EQ(release_head("n", "67a1b2c3", "mx.example.org", 1'800'000'000),
              "X-Cordon-Release: v1.n\r\nReceived: by mx.example.org (Cordon) id 67a1b2c3;\r\n\t"
              "Fri, 15 Jan 2027 08:00:00 +0000\r\n");
}

TEST(ReleasePause, GrowsAndIsBounded) {
    EXPECT_EQ(release_pause(1), 4U);
    EXPECT_EQ(release_pause(5), 64U);
    EXPECT_EQ(release_pause(4'000'000'000), 900U);
}

TEST(FailureNote, SaysWhatTheServerSaidAndWhatToDo) {
    ReleaseResult result{1, "67a1b2c3", {{"<a@b>", RecipientState::failed, "550 no user"}}};
    EXPECT_THAT(failure_note(result), testing::HasSubstr("550 no user for a@b"));
    EXPECT_THAT(failure_note(result), testing::HasSubstr("cordon quarantine release 67a1b2c3"));
    result.outcomes[0].state = RecipientState::sent;
    EXPECT_EQ(failure_note(result), "");
}

}  // namespace
}  // namespace cordon
