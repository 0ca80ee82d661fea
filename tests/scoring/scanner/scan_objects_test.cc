// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/scan_objects.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cordon {
namespace {

std::string lines_of_base64(std::size_t lines) {
    std::string out;
    for (std::size_t i = 0; i < lines; ++i) out += std::string(76, 'Q') + "\r\n";
    return out;
}

std::string mail_with(const std::string& body, const std::string& encoding = "base64") {
    return "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
           "Content-Type: text/plain\r\n\r\nhello\r\n--b\r\n"
           "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: " +
           encoding + "\r\n\r\n" + body + "\r\n--b--\r\nafter\r\n";
}

std::string raw_scan_of(const std::string& mail, const Limits& limits = {}) {
    return object_of_message("", Message::parse(mail, limits));
}

TEST(ObjectOfMessage, BeginsWithTheMark) {
    EXPECT_EQ(object_of_message("From x\n", Message::parse("To: a\n\nb\n", Limits{})),
              "From x\nTo: a\n\nb\n");
}

TEST(ObjectOfMessage, KeepsBothEndsOfLongBase64AndAllAround) {
    const auto mail = mail_with(lines_of_base64(1000));
    const auto raw = raw_scan_of(mail);
    EXPECT_LT(raw.size(), 11'000U);
    EXPECT_TRUE(raw.starts_with(mail.substr(0, 8000)));
    EXPECT_TRUE(raw.ends_with(mail.substr(mail.size() - 2000)));
}

TEST(ObjectOfMessage, KeepsBase64ThatIsShortOrDamagedOrNotDecoded) {
    for (const auto& mail :
         {mail_with(lines_of_base64(100)), mail_with(lines_of_base64(1000) + "!"),
          mail_with(lines_of_base64(500) + "=\r\n" + lines_of_base64(500)),
          mail_with(lines_of_base64(500) + "a b" + lines_of_base64(500)),
          mail_with(lines_of_base64(1000) + "QQQQQ"), mail_with(lines_of_base64(1000), "7bit"),
          mail_with(lines_of_base64(1000), "x")})
        EXPECT_EQ(raw_scan_of(mail), mail);
}

TEST(ObjectOfMessage, KeepsAllOfAMessageThatCanBeReadInTwoWays) {
    const auto body = lines_of_base64(1000);
    for (const std::string field :
         {"Content-Type: multipart/mixed; boundary=c\r\n", "Content-Type: text/plain\r\n"}) {
        const auto mail = field + mail_with(body);
        EXPECT_EQ(raw_scan_of(mail), mail);
    }
    const auto mail = mail_with(body, "base64\r\nContent-Transfer-Encoding: 7bit");
    EXPECT_EQ(raw_scan_of(mail), mail);
}

TEST(ObjectOfMessage, KeepsBase64OfWhichALimitLeftARestUnread) {
    const auto mail = mail_with(lines_of_base64(1000));
    Limits limits;
    limits.decoded_bytes = 50'000;
    EXPECT_EQ(raw_scan_of(mail, limits), mail);
    limits = {};
    limits.parts = 2;
    EXPECT_EQ(raw_scan_of(mail, limits), mail);
}

TEST(ObjectOfMessage, KeepsAnEncodedMultipartThatHasNoParts) {
    const auto mail =
        "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=z\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n--z--\r\n" +
        lines_of_base64(1000);
    EXPECT_EQ(raw_scan_of(mail), mail);
}

TEST(ObjectOfMessage, LeavesOutTheAttachmentsOfAnAttachedMessageToo) {
    const auto mail = "From: a@example.org\r\nContent-Type: message/rfc822\r\n\r\n" +
                      mail_with(lines_of_base64(1000));
    EXPECT_LT(raw_scan_of(mail).size(), 11'000U);
}

Part text_part(std::string_view body) {
    Part part;
    part.type = "text/plain";
    part.is_identity = true;
    part.encoded = body;
    return part;
}

TEST(NeedsOwnScan, ShowsATinyTextUnlessItIsProse) {
    EXPECT_FALSE(
        needs_own_scan(text_part("Hello Alice,\nhere is the file you asked for.\nDana\n")));
    EXPECT_FALSE(needs_own_scan(text_part("Hi,\n\nit is at 5 pm, as I told you.\n\nBo\n")));
    EXPECT_TRUE(needs_own_scan(text_part("powershell -enc SQBFAFgA\n")));
    EXPECT_TRUE(needs_own_scan(text_part("Set x = CreateObject(\"WScript.Shell\")\n")));
    EXPECT_TRUE(needs_own_scan(text_part("X5O!P%@AP\n")));
    EXPECT_FALSE(needs_own_scan(text_part(std::string(600, 'a'))));
}

TEST(NeedsOwnScan, ShowsEverythingThatIsNoReadableText) {
    auto part = text_part("Hello Alice, here is the file you asked for.");
    part.name = "a.txt";
    EXPECT_TRUE(needs_own_scan(part));
    part.name.clear();
    part.type = "text/html";
    EXPECT_TRUE(needs_own_scan(part));
}

}  // namespace
}  // namespace cordon
