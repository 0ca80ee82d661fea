// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/digest/digest_mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cordon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kNow = 1'800'000'000;
const DigestSender kSender{"quarantine@example.org", "mx.example.org", kNow};

Digest a_digest() {
    Digest out;
    out.address = "alice@example.org";
    out.kept_until = kNow + 30 * 86'400;
    out.entries.push_back({"67a1b2c3", "Dana <dana@example.net>", "Invoice 17", "7.5", "score 7.5",
                           "", "CR1-r-67a1b2c3-0-1900000000-0123456789abcdef0123456789abcdef",
                           kNow});
    return out;
}

/// Quoted-printable undone, as a client does.
std::string readable(const std::string& mail) {
    std::string out;
    for (std::size_t i = 0; i < mail.size(); ++i) {
        if (mail.compare(i, 3, "=\r\n") == 0) {
            i += 2;
        } else if (mail[i] == '=' && i + 2 < mail.size() && std::isxdigit(mail[i + 1]) != 0) {
            out += static_cast<char>(std::stoi(mail.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            out += mail[i];
        }
    }
    return out;
}

TEST(DigestMail, TellsSenderSubjectScoreAndReasonOfEachMessage) {
    const auto text = readable(digest_mail(a_digest(), kSender));
    EXPECT_THAT(text, HasSubstr("1. From: Dana <dana[at]example[.]net>\r\n"));
    EXPECT_THAT(text, HasSubstr("   Subject: Invoice 17\r\n"));
    EXPECT_THAT(text, HasSubstr("   Received: 2027-01-15 08:00 UTC\r\n"));
    EXPECT_THAT(text, HasSubstr("   Why: it looks like spam (score 7.5)\r\n"));
    EXPECT_THAT(text,
                HasSubstr("   Deliver: <mailto:quarantine@example.org?subject=CR1-r-67a1b2c3-0"
                          "-1900000000-0123456789abcdef0123456789abcdef>\r\n"));
    EXPECT_THAT(text, HasSubstr("the oldest on 2027-02-14"));
}

TEST(DigestMail, SaysThatAProgramWroteItAndWhoGetsIt) {
    const auto mail = digest_mail(a_digest(), kSender);
    const auto header = mail.substr(0, mail.find("\r\n\r\n") + 2);
    EXPECT_THAT(header, HasSubstr("Auto-Submitted: auto-generated\r\n"));
    EXPECT_THAT(header, HasSubstr("To: <alice@example.org>\r\n"));
    EXPECT_THAT(header, HasSubstr("Subject: 1 message is held for you\r\n"));
    EXPECT_THAT(header, HasSubstr("<quarantine@example.org>\r\n"));
}

TEST(DigestMail, SpeaksGerman) {
    auto digest = a_digest();
    digest.language = Language::german;
    digest.entries.push_back(digest.entries.front());
    digest.more = 3;
    const auto text = readable(digest_mail(digest, kSender));
    EXPECT_THAT(text, HasSubstr("Content-Language: de\r\n"));
    EXPECT_THAT(text, HasSubstr("Betreff: Invoice 17"));
    EXPECT_THAT(text, HasSubstr("Warum: sieht nach Spam aus (Bewertung 7.5)"));
    EXPECT_THAT(text, HasSubstr("3 weitere werden für Sie zurückgehalten."));
    EXPECT_THAT(text, Not(HasSubstr("held")));
}

TEST(DigestMail, HoldsNoLinkThatASenderWrote) {
    auto digest = a_digest();
    digest.entries[0].from = "\"https://evil.example/a\" <x@evil.example>";
    digest.entries[0].subject = "See WWW.evil.example, mailto:a@b.example or evil.example/pay";
    digest.entries[0].reason = "denied";
    auto text = readable(digest_mail(digest, kSender));
    text = text.substr(text.find("1. From"));
    text.erase(text.find("<mailto:quarantine"), 23);
    for (const char* live : {"://", "evil.example", "www.", "WWW.", "mailto:", "b.example", "x@"})
        EXPECT_THAT(text, Not(HasSubstr(live)));
}

TEST(DigestMail, CantBeBrokenOutOf) {
    auto digest = a_digest();
    digest.entries[0].subject = "a\r\nBcc: mallory@example.net\r\n\r\n.\r\n\x1b[31m";
    digest.entries[0].from = "b\nDeliver: <mailto:other@example.org>";
    const auto mail = digest_mail(digest, kSender);
    EXPECT_THAT(mail, Not(HasSubstr("\r\nBcc:")));
    EXPECT_THAT(mail, Not(HasSubstr("\nDeliver: <mailto[")));
    EXPECT_THAT(mail, Not(HasSubstr("\n.\r")));
    EXPECT_THAT(mail, Not(HasSubstr("\x1b")));
    EXPECT_THAT(mail, Not(HasSubstr("mailto:other")));
}

TEST(DigestMail, OffersNoReleaseOfAVirus) {
    auto digest = a_digest();
    digest.entries[0].virus = "Eicar-Test-Signature";
    digest.entries[0].token.clear();
    const auto text = readable(digest_mail(digest, kSender));
    EXPECT_THAT(text, HasSubstr("it contains the virus Eicar-Test-Signature; only an admin"));
    EXPECT_THAT(text, Not(HasSubstr("mailto:")));
    EXPECT_THAT(text, Not(HasSubstr("To get a message delivered")));
}

TEST(WithoutAddresses, LeavesOrdinaryTextAlone) {
    EXPECT_EQ(without_addresses("Version 1.2 costs 3.50. Ready? Yes."),
              "Version 1.2 costs 3.50. Ready? Yes.");
    EXPECT_EQ(without_addresses("bücher.example"), "bücher[.]example");
}

}  // namespace
}  // namespace cordon
