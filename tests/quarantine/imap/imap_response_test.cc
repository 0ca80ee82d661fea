// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/imap/imap_response.h"

#include <gtest/gtest.h>

#include "tests/support/builders.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

ImapResponse parsed(const std::string& bytes) {
    const std::vector<char> exact(bytes.begin(), bytes.end());  // nothing readable behind it
    auto response = parse_imap_response({exact.data(), exact.size()});
    EXPECT_THAT(response, IsOk());
    return response ? std::move(*response) : ImapResponse();
}

TEST(ParseImapResponse, ReadsAStatusWithItsCodeAndText) {
    const auto response = parsed("c7 OK [APPENDUID 38505 3955] Append completed.\r\n");
    EXPECT_EQ(response.kind, ImapResponse::Kind::tagged);
    EXPECT_EQ(response.tag, "c7");
    EXPECT_EQ(response.word, "OK");
    EXPECT_EQ(response.code, "APPENDUID 38505 3955");
    EXPECT_EQ(response.text, "Append completed.");
}

TEST(ParseImapResponse, ReadsTheWordWhateverItsCase) {
    EXPECT_EQ(parsed("* bye gone\r\n").word, "BYE");
}

TEST(ParseImapResponse, ReadsANumberBeforeItsWord) {
    const auto response = parsed("* 12 EXISTS\r\n");
    EXPECT_EQ(response.number, 12U);
    EXPECT_EQ(response.word, "EXISTS");
}

TEST(ParseImapResponse, ReadsAGoAhead) {
    const auto response = parsed("+ idling\r\n");
    EXPECT_EQ(response.kind, ImapResponse::Kind::continuation);
    EXPECT_EQ(response.text, "idling");
    EXPECT_EQ(parsed("+\r\n").kind, ImapResponse::Kind::continuation);
}

TEST(ParseImapResponse, KeepsWhatStandsInBracketsInOneAtom) {
    const auto response = parsed(
        "* 3 FETCH (UID 9 BODY[HEADER.FIELDS (X-A X-B)] {8}\r\nX-A: 1\r\n FLAGS (\\Seen))\r\n");
    ASSERT_EQ(response.values.size(), 1U);
    const auto& items = response.values[0].items;
    ASSERT_EQ(items.size(), 6U);
    EXPECT_EQ(items[2].text, "BODY[HEADER.FIELDS (X-A X-B)]");
    EXPECT_EQ(items[3].text, "X-A: 1\r\n");
    EXPECT_EQ(items[3].kind, ImapValue::Kind::string);
    EXPECT_TRUE(items[5].items[0].is_atom("\\seen"));
}

TEST(ParseImapResponse, TakesAParenthesisInALiteralForText) {
    const auto response = parsed("* LIST () \"/\" {4}\r\na)(b\r\n");
    ASSERT_EQ(response.values.size(), 3U);
    EXPECT_EQ(response.values[2].text, "a)(b");
}

TEST(ParseImapResponse, UnderstandsEscapesInAQuotedString) {
    EXPECT_EQ(parsed("* LIST () NIL \"a\\\"b\\\\c\"\r\n").values[2].text, "a\"b\\c");
}

TEST(ParseImapResponse, TellsNilFromTheStringNil) {
    const auto response = parsed("* X NIL \"NIL\"\r\n");
    EXPECT_EQ(response.values[0].kind, ImapValue::Kind::nil);
    EXPECT_EQ(response.values[1].kind, ImapValue::Kind::string);
}

TEST(ParseImapResponse, RefusesWhatIsNoResponse) {
    for (const auto* const text :
         {"", "\r\n", "* OK", "*\r\n", "c1 EXISTS\r\n", "* LIST (\r\n", "* LIST )\r\n",
          "* LIST \"a\r\n", "* LIST {5}\r\nab\r\n", "* LIST {9999999999999999999999}\r\n",
          "* 99999999999 EXISTS\r\n", "* X a\nb\r\n"})
        EXPECT_FALSE(parse_imap_response(text)) << text;
}

TEST(ParseImapResponse, BoundsTheDepthThatAServerChooses) {
    EXPECT_THAT(parse_imap_response("* X " + std::string(100'000, '(') + "\r\n"),
                FailsWith("too deep"));
}

TEST(ImapFramer, FindsTheEndBehindALiteral) {
    const std::string bytes = "* 1 FETCH (BODY[] {6}\r\na\r\nb\r\n)\r\n* 2 EXISTS\r\n";
    ImapFramer framer(1000);
    const auto length = framer.next(bytes);
    ASSERT_THAT(length, IsOk());
    EXPECT_EQ(bytes.substr(*length), "* 2 EXISTS\r\n");
}

TEST(ImapFramer, GivesTheSameWhereverTheBytesAreCut) {
    const std::string bytes = "* 1 FETCH (BODY[] {6}\r\na\r\nb\r\n X {0}\r\n)\r\n";
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        ImapFramer framer(1000);
        const auto first = framer.next(bytes.substr(0, cut));
        ASSERT_THAT(first, IsOk());
        EXPECT_EQ(*first, 0U) << cut;
        const auto whole = framer.next(bytes);
        ASSERT_THAT(whole, IsOk());
        EXPECT_EQ(*whole, bytes.size()) << cut;
    }
}

TEST(ImapFramer, RefusesALiteralThatWouldNotFit) {
    ImapFramer framer(1000);
    EXPECT_THAT(framer.next("* 1 FETCH (BODY[] {18446744073709551615}\r\n"), FailsWith("1000"));
}

TEST(ImapFramer, RefusesALineWithoutAnEnd) {
    ImapFramer framer(1000);
    EXPECT_THAT(framer.next(std::string(1001, 'x')), FailsWith("1000"));
}

TEST(ImapQuoted, EscapesWhatWouldEndTheString) {
    EXPECT_EQ(imap_quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
}

TEST(ImapQuoted, LeavesLineEndsAndEightBitsToALiteral) {
    EXPECT_FALSE(imap_quoted("a\r\nb"));
    EXPECT_FALSE(imap_quoted("\xC3\xA4"));
}

TEST(ModifiedUtf7, WritesTheExamplesOfTheRfc) {
    EXPECT_EQ(to_modified_utf7("~peter/mail/\u53F0\u5317/\u65E5\u672C\u8A9E"),
              "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
    EXPECT_EQ(to_modified_utf7("R&D"), "R&-D");
    EXPECT_EQ(to_modified_utf7("Quarant\u00E4ne"), "Quarant&AOQ-ne");
}

}  // namespace
}  // namespace cordon
