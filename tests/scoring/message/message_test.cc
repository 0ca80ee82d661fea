// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "conf/base/text.h"
#include "scoring/message/oddities.h"

namespace cordon {
namespace {

/// Keeps the bytes in a block of exactly their size, so that reading past the end is noticed.
class Parsed {
 public:
    explicit Parsed(std::string_view bytes, const Limits& limits = Limits{})
        : bytes_(bytes.begin(), bytes.end()),
          message(Message::parse({bytes_.data(), bytes_.size()}, limits)) {}

 private:
    std::vector<char> bytes_;

 public:
    Message message;
};

bool has(const Message& message, std::string_view rule) {
    return std::any_of(message.oddities().begin(), message.oddities().end(),
                       [rule](const Oddity& o) { return o.rule == rule; });
}

constexpr std::string_view kAlternative =
    "From: Ann <ann@example.org>\r\n"
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=\"outer\"\r\n"
    "\r\n"
    "This is a multipart message.\r\n"
    "--outer\r\n"
    "Content-Type: multipart/alternative; boundary=inner\r\n"
    "\r\n"
    "--inner\r\n"
    "Content-Type: text/plain; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "Gr=FC=DFe aus Bonn\r\n"
    "--inner\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "\r\n"
    "<p>Hello</p>\r\n"
    "--inner--\r\n"
    "\r\n"
    "--outer\r\n"
    "Content-Type: application/zip; name=\"a.zip\"\r\n"
    "Content-Disposition: attachment; filename=\"a.zip\"\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "UEsDBA==\r\n"
    "--outer--\r\n";

TEST(ParseMessage, ReadsATreeInOrder) {
    const Parsed parsed(kAlternative);
    const auto& parts = parsed.message.parts();
    ASSERT_EQ(parts.size(), 5U);
    EXPECT_EQ(parts[0].type, "multipart/mixed");
    EXPECT_EQ(parts[1].type, "multipart/alternative");
    EXPECT_EQ(parts[2].type, "text/plain");
    EXPECT_EQ(parts[3].type, "text/html");
    EXPECT_EQ(parts[4].type, "application/zip");
    EXPECT_EQ(parts[3].parent, 1);
    EXPECT_EQ(parts[3].depth, 2);
    EXPECT_EQ(parts[4].parent, 0);
    EXPECT_EQ(parsed.message.readings(), 1);
    EXPECT_TRUE(parsed.message.oddities().empty());
}

TEST(ParseMessage, DecodesPartsAndHeaders) {
    const Parsed parsed(kAlternative);
    const auto& parts = parsed.message.parts();
    EXPECT_EQ(parsed.message.subject(), "Gr\u00fc\u00dfe");
    EXPECT_EQ(parts[4].bytes(), "PK\x03\x04");
    EXPECT_EQ(parts[4].name, "a.zip");
    EXPECT_TRUE(parts[4].is_attachment());
    EXPECT_EQ(parts[3].bytes(), "<p>Hello</p>");
    EXPECT_TRUE(parts[3].is_identity);
    EXPECT_TRUE(parts[3].decoded.empty());
}

TEST(ParseMessage, GivesTheTextsOfTheBodyInUtf8) {
    const Parsed parsed(kAlternative);
    const auto& texts = parsed.message.texts();
    ASSERT_EQ(texts.size(), 2U);
    EXPECT_EQ(texts[0].text, "Gr\u00fc\u00dfe aus Bonn");
    EXPECT_FALSE(texts[0].is_html);
    EXPECT_TRUE(texts[1].is_html);
    EXPECT_EQ(texts[1].part, 3);
}

TEST(ParseMessage, CopesWithNothingAtAll) {
    for (const std::string_view bytes : {"", "\n", "\r\n\r\n", ":", "x", "\n\n--\n"}) {
        const Parsed parsed(bytes);
        ASSERT_EQ(parsed.message.parts().size(), 1U);
        EXPECT_EQ(parsed.message.parts()[0].type, "text/plain");
    }
}

TEST(ParseMessage, ReadsAPlainMessageWithoutMimeHeaders) {
    const Parsed parsed("From: a@example.org\n\nHello\nthere\n");
    ASSERT_EQ(parsed.message.texts().size(), 1U);
    EXPECT_EQ(parsed.message.texts()[0].text, "Hello\nthere\n");
}

TEST(ParseMessage, LeavesAttachedTextOutOfTheBody) {
    const Parsed parsed(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\n"
        "Content-Type: text/plain; name=log.txt\nContent-Disposition: attachment\n\nlog\n--b--\n");
    ASSERT_EQ(parsed.message.texts().size(), 1U);
    EXPECT_EQ(parsed.message.texts()[0].text, "body");
}

TEST(ParseMessage, GoesIntoAttachedMessages) {
    const Parsed parsed(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\n"
        "Content-Type: message/rfc822\n\nSubject: inner\nContent-Type: multipart/mixed; "
        "boundary=c\n"
        "\n--c\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\nUEsDBA==\n"
        "--c--\n--b--\n");
    const auto& parts = parsed.message.parts();
    ASSERT_EQ(parts.size(), 5U);
    EXPECT_EQ(parts[2].type, "message/rfc822");
    EXPECT_EQ(parts[3].parent, 2);
    EXPECT_EQ(parts[3].depth, 2);
    EXPECT_EQ(parts[3].headers.first("subject")->value, " inner");
    EXPECT_EQ(parts[4].bytes(), "PK\x03\x04");
}

TEST(ParseMessage, GoesIntoMessagesThatAreEncoded) {
    const std::string inner =
        "Subject: inner\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n"
        "UEsDBA==\n";
    const Parsed parsed("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" +
                        to_base64(inner) + "\n");
    ASSERT_EQ(parsed.message.parts().size(), 2U);
    EXPECT_EQ(parsed.message.parts()[1].bytes(), "PK\x03\x04");
}

TEST(ParseMessage, StaysValidWhenMoved) {
    const std::string inner = "Subject: a\n\n" + std::string(100, 'x');
    Parsed parsed("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" +
                  to_base64(inner) + "\n");
    const Message moved = std::move(parsed.message);
    EXPECT_EQ(moved.parts().at(1).bytes(), std::string(100, 'x'));
    EXPECT_EQ(moved.parts()[1].headers.fields().at(0).name, "Subject");
}

TEST(ParseMessage, TakesPartsOfADigestForMessages) {
    const Parsed parsed(
        "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\nbody one\n--b--\n");
    ASSERT_EQ(parsed.message.parts().size(), 3U);
    EXPECT_EQ(parsed.message.parts()[1].type, "message/rfc822");
    EXPECT_EQ(parsed.message.parts()[2].headers.first("Subject")->value, " one");
}

TEST(ParseMessage, KeepsThePartWhenItsBoundaryIsMissing) {
    const Parsed parsed("Content-Type: multipart/mixed; boundary=b\n\nno boundary here\n");
    ASSERT_EQ(parsed.message.parts().size(), 2U);
    EXPECT_EQ(parsed.message.parts()[1].bytes(), "no boundary here\n");
    EXPECT_TRUE(has(parsed.message, "MIME_BOUNDARY_NOT_FOUND"));
}

TEST(ParseMessage, KeepsThePartWhenTheEndIsMissing) {
    const Parsed parsed("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo");
    ASSERT_EQ(parsed.message.parts().size(), 3U);
    EXPECT_EQ(parsed.message.parts()[2].bytes(), "two");
    EXPECT_TRUE(has(parsed.message, "MIME_BOUNDARY_NO_END"));
}

TEST(ParseMessage, EndsAnInnerMultipartAtTheOuterBoundary) {
    const Parsed parsed(
        "Content-Type: multipart/mixed; boundary=o\n\n--o\n"
        "Content-Type: multipart/mixed; boundary=i\n\n--i\n\none\n--o\n\ntwo\n--o--\n");
    ASSERT_EQ(parsed.message.parts().size(), 4U);
    EXPECT_EQ(parsed.message.parts()[2].bytes(), "one");
    EXPECT_EQ(parsed.message.parts()[3].parent, 0);
}

TEST(ParseMessage, ShowsUuencodedFilesAsParts) {
    const Parsed parsed(
        "Subject: x\n\nHi, here it is:\n\nbegin 644 run.exe\n+2&5L;&\\@=V]R;&0\n`\nend\n\n"
        "Bye, and thanks for all the fish.\n");
    ASSERT_EQ(parsed.message.parts().size(), 2U);
    EXPECT_EQ(parsed.message.parts()[1].name, "run.exe");
    EXPECT_EQ(parsed.message.parts()[1].bytes(), "Hello world");
    EXPECT_EQ(parsed.message.parts()[1].parent, 0);
}

TEST(ParseMessage, TellsUnknownAndWrongCharsets) {
    const Parsed unknown("Content-Type: text/plain; charset=x-none\n\ngr\xfcn");
    EXPECT_TRUE(has(unknown.message, "MIME_CHARSET_UNKNOWN"));
    EXPECT_EQ(unknown.message.texts().at(0).text, "gr\u00fcn");
    const Parsed wrong("Content-Type: text/plain; charset=utf-8\n\ngr\xfcn");
    EXPECT_TRUE(has(wrong.message, "MIME_CHARSET_WRONG"));
}

TEST(ParseMessage, UsesTheCharsetThatAPageNamesForItself) {
    const Parsed parsed("Content-Type: text/html\n\n<meta charset=\"koi8-r\"><p>\xc4\xc1</p>\n");
    EXPECT_NE(parsed.message.texts().at(0).text.find("\u0434\u0430"), std::string::npos);
}

TEST(ParseMessage, StopsAtItsLimits) {
    Limits limits;
    limits.parts = 5;
    limits.depth = 3;
    limits.decoded_bytes = 10;
    limits.text_bytes = 8;
    std::string many = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 50; ++i) many += "--b\n\nsome text\n";
    const Parsed parts(many, limits);
    EXPECT_EQ(parts.message.parts().size(), 5U);
    EXPECT_TRUE(has(parts.message, "LIMIT_PARTS"));
    EXPECT_TRUE(has(parts.message, "LIMIT_TEXT"));

    std::string deep;
    for (int i = 0; i < 10; ++i) {
        const std::string b = "b" + std::to_string(i);
        deep += "Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b + "\n";
    }
    EXPECT_TRUE(has(Parsed(deep, limits).message, "LIMIT_DEPTH"));

    const Parsed large("Content-Transfer-Encoding: base64\nContent-Type: a/b\n\n" +
                           to_base64(std::string(1000, 'x')),
                       limits);
    EXPECT_LE(large.message.parts()[0].bytes().size(), 10U);
    EXPECT_TRUE(has(large.message, "LIMIT_DECODED"));
}

TEST(ParseMessage, SurvivesDeepNesting) {
    std::string deep;
    for (int i = 0; i < 20000; ++i) {
        deep += "Content-Type: multipart/mixed; boundary=b\n\n--b\n";
    }
    EXPECT_LE(Parsed(deep).message.parts().size(), Limits{}.parts);
    std::string messages;
    for (int i = 0; i < 20000; ++i) messages += "Content-Type: message/rfc822\n\n";
    EXPECT_TRUE(has(Parsed(messages).message, "LIMIT_DEPTH"));
}

TEST(OddityRules, AreWellFormedAndUnique) {
    for (const OddityRule& rule : kOddityRules) {
        EXPECT_LE(rule.name.size(), 30U) << rule.name;
        EXPECT_FALSE(rule.describe.empty()) << rule.name;
        EXPECT_GE(rule.score, 0.0) << rule.name;
        EXPECT_TRUE(std::all_of(rule.name.begin(), rule.name.end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
        })) << rule.name;
        EXPECT_EQ(std::count_if(kOddityRules.begin(), kOddityRules.end(),
                                [&](const OddityRule& r) { return r.name == rule.name; }),
                  1);
    }
}

}  // namespace
}  // namespace cordon
