// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/headers.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

HeaderBlock parse(std::string_view bytes, HeaderReading reading = HeaderReading::strict) {
    return HeaderBlock::parse(bytes, Limits{}, reading);
}

TEST(HeaderBlock, EndsAtTheFirstEmptyLine) {
    constexpr std::string_view kMessage = "From: a\r\nTo: b\r\n\r\nSubject: body\r\n";
    const HeaderBlock block = parse(kMessage);
    ASSERT_EQ(block.fields().size(), 2U);
    EXPECT_EQ(kMessage.substr(block.body_offset), "Subject: body\r\n");
    EXPECT_TRUE(block.clean_end);
}

TEST(HeaderBlock, ReadsBareLineFeedsAlike) {
    const HeaderBlock block = parse("From: a\nTo: b\n\nbody");
    ASSERT_EQ(block.fields().size(), 2U);
    EXPECT_EQ(block.fields()[1].value, " b");
    EXPECT_EQ(block.body_offset, 15U);
}

TEST(HeaderBlock, KeepsFoldsInsideTheValue) {
    const HeaderBlock block = parse("Subject: one\r\n two\r\n\tthree\r\nTo: b\r\n\r\n");
    ASSERT_EQ(block.fields().size(), 2U);
    EXPECT_EQ(block.fields()[0].value, " one\r\n two\r\n\tthree");
    EXPECT_EQ(unfold(block.fields()[0].value), "one two\tthree");
}

TEST(HeaderBlock, EndsBeforeALineThatIsNoField) {
    constexpr std::string_view kPart = "Content-Type: text/plain\r\nNo field here\r\n";
    const HeaderBlock block = parse(kPart);
    EXPECT_EQ(block.fields().size(), 1U);
    EXPECT_FALSE(block.clean_end);
    EXPECT_EQ(kPart.substr(block.body_offset), "No field here\r\n");
}

TEST(HeaderBlock, PassesOverJunkWhenAskedTo) {
    constexpr std::string_view kPart = "A: 1\r\njunk\r\nB: 2\r\n\r\nbody";
    const HeaderBlock block = parse(kPart, HeaderReading::past_junk);
    EXPECT_EQ(block.fields().size(), 2U);
    EXPECT_EQ(kPart.substr(block.body_offset), "body");
}

TEST(HeaderBlock, EndsLinesAtALoneCarriageReturnWhenAskedTo) {
    constexpr std::string_view kPart = "X: a\rContent-Type: text/html\r\n\r\n";
    EXPECT_EQ(parse(kPart).fields().size(), 1U);
    EXPECT_TRUE(parse(kPart).has_lone_cr);
    EXPECT_NE(parse(kPart, HeaderReading::cr_too).first("content-type"), nullptr);
}

TEST(HeaderBlock, TakesALineOfBlanksForAFoldOnlyWhenTheHeaderGoesOn) {
    const HeaderBlock goes_on = parse("A: 1;\r\n \r\n x=2\r\nB: 3\r\n\r\n");
    EXPECT_EQ(goes_on.fields().size(), 2U);
    EXPECT_TRUE(goes_on.has_blank_fold);
    constexpr std::string_view kEnds = "A: 1\r\n \r\nHello there\r\n";
    EXPECT_EQ(kEnds.substr(parse(kEnds).body_offset), "Hello there\r\n");
}

TEST(HeaderBlock, FindsFieldsWithoutCaseAndWithBlanksBeforeTheColon) {
    const HeaderBlock block = parse("content-TYPE : text/html\r\n\r\n");
    ASSERT_NE(block.first("Content-Type"), nullptr);
    EXPECT_EQ(block.fields()[0].name, "content-TYPE ");
    EXPECT_EQ(block.count("Content-Type"), 1U);
    EXPECT_EQ(block.first("Content-Typ"), nullptr);
}

TEST(HeaderBlock, SkipsAnMboxLineInFront) {
    const HeaderBlock block = parse("From a@example.org Mon Jan  1 00:00:00 2024\nTo: b\n\nbody");
    EXPECT_EQ(block.fields().size(), 1U);
    EXPECT_TRUE(block.clean_end);
}

TEST(HeaderBlock, KeepsNoMoreFieldsThanTheLimitButFindsTheBody) {
    Limits limits;
    limits.header_fields = 3;
    const std::string_view bytes = "A: 1\nB: 2\nC: 3\nD: 4\n\nbody";
    const HeaderBlock block = HeaderBlock::parse(bytes, limits);
    EXPECT_EQ(block.fields().size(), 3U);
    EXPECT_TRUE(block.over_limit);
    EXPECT_EQ(bytes.substr(block.body_offset), "body");
}

TEST(HeaderBlock, NotesNulBytesOfTheHeaderOnly) {
    using namespace std::string_view_literals;
    EXPECT_TRUE(parse("A\0: 1\n\nbody"sv).has_nul);
    EXPECT_FALSE(parse("A: 1\n\nbo\0dy"sv).has_nul);
    EXPECT_NE(parse("\0A: 1\n\n"sv).first("a"), nullptr);
}

struct HeaderText {
    const char* name;
    std::string_view value;
    std::string_view decoded;
};

class DecodeHeaderText : public testing::TestWithParam<HeaderText> {};

TEST_P(DecodeHeaderText, GivesWhatAPersonReads) {
    EXPECT_EQ(decode_header_text(GetParam().value), GetParam().decoded);
}

INSTANTIATE_TEST_SUITE_P(
    Words, DecodeHeaderText,
    testing::Values(
        HeaderText{"Plain", " Hello\r\n world ", "Hello world"},
        HeaderText{"Base64Utf8", "=?UTF-8?B?R3LDvMOfZQ==?=", "Gr\u00fc\u00dfe"},
        HeaderText{"QuotedLatin1", "=?iso-8859-1?Q?Gr=FC=DFe_aus?= Bonn",
                   "Gr\u00fc\u00dfe aus Bonn"},
        HeaderText{"BlankBetweenWordsGoes", "=?utf-8?q?one?= \r\n =?utf-8?q?two?=", "onetwo"},
        HeaderText{"BlankBeforePlainStays", "=?utf-8?q?one?= two", "one two"},
        HeaderText{"CharacterSplitInTwoWords",
                   "=?utf-8?B?w7w=?= =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "\u00fc\u00fc"},
        HeaderText{"Language", "=?us-ascii*en?Q?Hi?=", "Hi"},
        HeaderText{"JapaneseByIcu", "=?ISO-2022-JP?B?GyRCJDMkcxsoQg==?=", "\u3053\u3093"},
        HeaderText{"InsideQuotes", "\"=?utf-8?q?A=2C_B?=\"", "\"A, B\""},
        HeaderText{"NotClosed", "=?utf-8?q?open", "=?utf-8?q?open"},
        HeaderText{"UnknownKind", "=?utf-8?x?abc?=", "=?utf-8?x?abc?="},
        HeaderText{"BlanksInsideAWord", "=?utf-8?q?two words?=", "two words"},
        HeaderText{"BlankAtTheEndOfAWord", "=?utf-8?q?Hi_?= =?utf-8?q?you?=", "Hi you"},
        HeaderText{"RawUtf8",
                   "Gr\xc3\xbc\xc3\x9f"
                   "e",
                   "Gr\u00fc\u00dfe"},
        HeaderText{"RawWindows1252",
                   "Gr\xfc\xdf"
                   "e \x80",
                   "Gr\u00fc\u00dfe \u20ac"}),
    [](const auto& test) { return test.param.name; });

TEST(DecodeHeaderText, StaysLinearOnWordsThatNeverEnd) {
    std::string value;
    for (int i = 0; i < 100000; ++i) value += "=?a?q?x";
    EXPECT_EQ(decode_header_text(value).size(), value.size());
}

}  // namespace
}  // namespace cordon
