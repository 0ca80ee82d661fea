// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cordon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kReplacement = "\xEF\xBF\xBD";

TEST(Text, ComparesAsciiWithoutCase) {
    EXPECT_TRUE(iequals("X-Spam-FLAG", "x-spam-flag"));
    EXPECT_FALSE(iequals("x-spam-flag", "x-spam-flags"));
    EXPECT_TRUE(istarts_with("Content-Type", "CONTENT-"));
    EXPECT_FALSE(istarts_with("Con", "Content"));
    EXPECT_TRUE(icontains("text/HTML; x", "html"));
    EXPECT_TRUE(icontains("", ""));
    EXPECT_FALSE(icontains("", "x"));
}

TEST(Text, LeavesLettersBeyondAsciiAlone) {
    EXPECT_EQ(lower("\xC3\x84 A"), "\xC3\x84 a");
}

TEST(Trim, TakesWhiteSpaceOffBothEnds) {
    EXPECT_EQ(trim(" \t\r\n a b \n"), "a b");
    EXPECT_EQ(trim(" \t "), "");
    EXPECT_EQ(trim(""), "");
}

TEST(Split, GivesEmptyFieldsToo) {
    EXPECT_THAT(split(",a,,b", ','), ElementsAre("", "a", "", "b"));
    EXPECT_THAT(split("", ','), ElementsAre(""));
    EXPECT_THAT(split("a,", ','), ElementsAre("a", ""));
}

TEST(Words, LeavesEmptyOnesOut) {
    EXPECT_THAT(words(" a, b\t,c\n"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(words(" ,, "), IsEmpty());
}

TEST(ParseUnsigned, TakesDigitsOnly) {
    EXPECT_EQ(parse_unsigned("0"), 0U);
    EXPECT_EQ(parse_unsigned("18446744073709551615"), UINT64_MAX);
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "18446744073709551616"})
        EXPECT_FALSE(parse_unsigned(text)) << text;
}

TEST(ToHex, WritesEveryByte) {
    EXPECT_EQ(to_hex(std::string_view("\x00\x7F\xFF", 3)), "007fff");
}

TEST(ToBase64, MatchesTheVectorsOfRfc4648) {
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foo"), "Zm9v");
    EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(to_base64url("\xFB\xFF"), "-_8");
}

TEST(AppendUtf8, EncodesEachLength) {
    std::string out;
    for (const std::uint32_t code : {0x41U, 0xE4U, 0x20ACU, 0x1F600U}) append_utf8(out, code);
    EXPECT_EQ(out, "A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(AppendUtf8, ReplacesWhatIsNoScalarValue) {
    for (const std::uint32_t code : {0xD800U, 0xDFFFU, 0x110000U, 0xFFFFFFFFU}) {
        std::string out;
        append_utf8(out, code);
        EXPECT_EQ(out, kReplacement) << code;
    }
}

struct IllFormed {
    const char* bytes;
    int replacements;  // one for each maximal part of a sequence
};

class IllFormedUtf8 : public ::testing::TestWithParam<IllFormed> {};

TEST_P(IllFormedUtf8, IsReplacedSequenceBySequence) {
    std::string expected = "a";
    for (int i = 0; i < GetParam().replacements; ++i) expected += kReplacement;
    EXPECT_EQ(to_valid_utf8(std::string("a") + GetParam().bytes + "b"), expected + "b");
}

INSTANTIATE_TEST_SUITE_P(ToValidUtf8, IllFormedUtf8,
                         ::testing::Values(IllFormed{"\x80", 1}, IllFormed{"\xC3", 1},
                                           IllFormed{"\xC0\xAF", 2}, IllFormed{"\xE2\x82", 1},
                                           IllFormed{"\xE0\x80\x80", 3},
                                           IllFormed{"\xED\xA0\x80", 3},
                                           IllFormed{"\xF0\x9F\x98", 1},
                                           IllFormed{"\xF4\x90\x80\x80", 4},
                                           IllFormed{"\xF8\x88", 2}, IllFormed{"\xFF\xFE", 2}));

TEST(ToValidUtf8, KeepsWhatIsValid) {
    const std::string text = "\xC3\xA4 \xED\x9F\xBF \xEE\x80\x80 \xF4\x8F\xBF\xBF";
    EXPECT_EQ(to_valid_utf8(text), text);
}

TEST(ToValidUtf8, ReplacesASequenceThatTheEndCuts) {
    EXPECT_EQ(to_valid_utf8("\xF0\x9F"), kReplacement);
}

TEST(Utf8Prefix, CutsBetweenCharacters) {
    EXPECT_EQ(utf8_prefix("a\xC3\xA4", 2), "a");
    EXPECT_EQ(utf8_prefix("a\xC3\xA4", 3), "a\xC3\xA4");
    EXPECT_EQ(utf8_prefix("abc", 0), "");
    EXPECT_EQ(utf8_prefix("\x80\x80\x80", 2), "") << "no character begins here";
}

struct Shown {
    const char* bytes;
    const char* text;
};

class PrintableText : public ::testing::TestWithParam<Shown> {};

TEST_P(PrintableText, ShowsWhatWouldDeceive) {
    EXPECT_EQ(printable(GetParam().bytes), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Printable, PrintableText,
    ::testing::Values(Shown{"a\r\nb", "a\\x0d\\x0ab"}, Shown{"\x1B[2J", "\\x1b[2J"},
                      Shown{"a\\b", "a\\\\b"}, Shown{"\x7F", "\\x7f"}, Shown{"\xC2\x85", "\\x85"},
                      Shown{"\xFF", "\\xff"},
                      Shown{"\xE2\x80\xAE"
                            "fdp",
                            "\\u{202e}fdp"},
                      Shown{"\xE2\x80\xA8", "\\u{2028}"}, Shown{"\xE2\x81\xA6", "\\u{2066}"},
                      Shown{"\xEF\xBB\xBF", "\\u{feff}"}, Shown{"\xC3\xA4", "\xC3\xA4"}));

TEST(Printable, StaysTheSameWhenMadePrintableAgain) {
    const std::string text = printable_again("C:\\\r\n\xFF");
    EXPECT_EQ(text, "C:\\\\x0d\\x0a\\xff");
    EXPECT_EQ(printable_again(text), text);
}

TEST(Printable, EndsALongTextWithDots) {
    EXPECT_EQ(printable("abcdef", 3), "abc...");
    EXPECT_EQ(printable("abc", 3), "abc");
    EXPECT_EQ(printable("ab\n", 3), "ab...") << "an escape is not cut";
}

}  // namespace
}  // namespace cordon
