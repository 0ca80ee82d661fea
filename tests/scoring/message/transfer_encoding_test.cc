// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/transfer_encoding.h"

#include <gtest/gtest.h>

#include "conf/base/text.h"

namespace cordon {
namespace {

using namespace std::string_view_literals;

TEST(DecodeBase64, GivesBackWhatWasEncoded) {
    std::string bytes;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(decode_base64(to_base64(bytes)).bytes, bytes);
        bytes += static_cast<char>(i * 7);
    }
}

TEST(DecodeBase64, PassesOverLineEndsAndBlanks) {
    const Decoded decoded = decode_base64("SGVs\r\nbG8g\n d29y\tbGQ=\r\n");
    EXPECT_EQ(decoded.bytes, "Hello world");
    EXPECT_EQ(decoded.junk, 0U);
    EXPECT_FALSE(decoded.is_unaligned);
}

TEST(DecodeBase64, CountsJunkAndReadsOn) {
    const Decoded decoded = decode_base64("SG*Vs!bG8=");
    EXPECT_EQ(decoded.bytes, "Hello");
    EXPECT_EQ(decoded.junk, 2U);
}

TEST(DecodeBase64, BeginsANewGroupAfterPadding) {
    const Decoded decoded = decode_base64("SGU=bGxv");
    EXPECT_EQ(decoded.bytes, "Hello");
    EXPECT_TRUE(decoded.has_inner_end);
}

TEST(DecodeBase64, ReadsInnerPaddingInEveryWayThatClientsDo) {
    EXPECT_EQ(decode_base64("SGU=bGxv", Base64Reading::stop).bytes, "He");
    EXPECT_EQ(decode_base64("=SGVs=bG8", Base64Reading::ignore).bytes, "Hello");
    EXPECT_EQ(decode_base64("ABC\n\nSGVsbG8=", Base64Reading::line_by_line).bytes, "Hello");
}

TEST(DecodeBase64, CanPassOverLinesThatHoldAnythingElse) {
    const std::string body = "This is the file:\r\nYWJj\r\nX-Note: nothing\r\nZGVm\r\n";
    EXPECT_EQ(decode_base64(body, Base64Reading::whole_lines).bytes, "abcdef");
    EXPECT_NE(decode_base64(body).bytes, "abcdef");
}

TEST(DecodeBase64, TellsWhenItWasCutOff) {
    EXPECT_TRUE(decode_base64("SGVsbG").is_unaligned);
    EXPECT_EQ(decode_base64("SGVsbG").bytes, "Hell");
    EXPECT_FALSE(decode_base64("SGVsbA==").is_unaligned);
}

struct Quoted {
    const char* name;
    std::string_view text;
    std::string_view decoded;
};

class DecodeQuotedPrintable : public testing::TestWithParam<Quoted> {};

TEST_P(DecodeQuotedPrintable, FollowsTheRules) {
    EXPECT_EQ(decode_quoted_printable(GetParam().text).bytes, GetParam().decoded);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, DecodeQuotedPrintable,
    testing::Values(Quoted{"Escapes", "a=3Db=C3=BC", "a=b\xc3\xbc"},
                    Quoted{"LowerCaseDigits", "=c3=bc", "\xc3\xbc"},
                    Quoted{"SoftLineBreak", "one=\r\ntwo=\nthree", "onetwothree"},
                    Quoted{"SoftLineBreakWithBlanks", "one= \t\r\ntwo", "onetwo"},
                    Quoted{"SoftLineBreakAtTheEnd", "one=", "one"},
                    Quoted{"LineEndsStay", "a\r\nb\nc", "a\r\nb\nc"},
                    Quoted{"BlanksAtLineEndsGo", "a  \r\nb \t\nc", "a\r\nb\nc"},
                    Quoted{"BrokenEscapesStay", "a=ZZ=4", "a=ZZ=4"}),
    [](const auto& test) { return test.param.name; });

TEST(DecodeQuotedPrintable, CountsBrokenEscapes) {
    EXPECT_EQ(decode_quoted_printable("a=ZZ b=G").junk, 2U);
    EXPECT_EQ(decode_quoted_printable("a=41").junk, 0U);
}

TEST(DecodeQuotedPrintable, CanDropBrokenEscapes) {
    const auto decode = [](std::string_view text) {
        return decode_quoted_printable(text, QuotedPrintableReading::drop_broken).bytes;
    };
    EXPECT_EQ(decode("==50==4B"), "PK");
    EXPECT_EQ(decode("=  =50=\n=  =4B"), "PK");
    EXPECT_EQ(decode("=0=50=0=4B"), "PK");
    EXPECT_EQ(decode("==a50==a4B"), "PK");
}

TEST(DecodeUuencode, ReadsABlockWithItsBeginLine) {
    const Decoded decoded = decode_uuencode("begin 644 a.txt\n+2&5L;&\\@=V]R;&0\n`\nend\n");
    EXPECT_EQ(decoded.bytes, "Hello world");
}

TEST(DecodeUuencode, ReadsLinesWithoutABeginLine) {
    EXPECT_EQ(decode_uuencode("+2&5L;&\\@=V]R;&0\n`\n").bytes, "Hello world");
}

TEST(FindUuBlock, FindsTheNameAndGoesOnAfterTheEnd) {
    constexpr std::string_view kText =
        "Hi,\nbegin 644 my file.exe\n+2&5L;&\\@=V]R;&0\n`\nend\nbye\n";
    const auto block = find_uu_block(kText, 0);
    ASSERT_TRUE(block);
    EXPECT_EQ(block->name, "my file.exe");
    EXPECT_EQ(decode_uuencode(block->data).bytes, "Hello world");
    EXPECT_EQ(kText.substr(block->end), "bye\n");
    EXPECT_FALSE(find_uu_block(kText, block->end));
}

TEST(FindUuBlock, TakesBeginLinesAsLenientReadersDo) {
    for (const auto* const line : {"begin 100644 a", "begin 644", "Begin 644 a", " begin 644 a"}) {
        const std::string text = std::string(line) + "\n#86)C\n`\nend\n";
        EXPECT_TRUE(find_uu_block(text, 0)) << line;
        EXPECT_EQ(decode_uuencode(text).bytes, "abc") << line;
    }
}

TEST(FindUuBlock, BearsALineOfTheWordBeginAlone) {
    for (const auto text :
         {"begin \r\nx\r\nend\r\n"sv, " begin \n"sv, "begin  \t\r\n"sv, "begin "sv})
        EXPECT_FALSE(find_uu_block(text, 0)) << text;
}

TEST(FindUuBlock, LeavesProseAlone) {
    EXPECT_FALSE(find_uu_block("begin with the end in mind\nbegin 644 times\nand again\n", 0));
}

TEST(DecodeYenc, UndoesOffsetAndEscapes) {
    std::string line;
    for (const char c : "PK\x03\x04"sv) {
        const auto byte = static_cast<unsigned char>(c) + 42U;
        line += static_cast<char>(byte);
    }
    EXPECT_EQ(decode_yenc("=ybegin line=128 size=4 name=a.zip\n" + line + "\n=yend size=4\n").bytes,
              "PK\x03\x04");
    EXPECT_EQ(decode_yenc("=j\n").bytes, "\x00"sv);
}

TEST(DecodeBinhex, GivesTheDataForkAndKeepsItsLimit) {
    // A file "a" with the data fork "Hello", packed by hand: name, type, creator, flags, lengths.
    std::string file(
        "\x01"
        "a\0TEXTttxt\0\0",
        13);
    file += std::string("\0\0\0\x05\0\0\0\0\0\0", 10) + "Hello" + std::string(4, '\0');
    constexpr std::string_view kAlphabet =
        "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
    std::string text = "(This file must be converted with BinHex 4.0)\n:";
    unsigned bits = 0;
    unsigned held = 0;
    for (const char c : file) {
        bits = (bits << 8U) | static_cast<unsigned char>(c);
        for (held += 8; held >= 6; held -= 6) text += kAlphabet[bits >> (held - 6) & 63U];
    }
    text += ":\n";
    EXPECT_EQ(decode_binhex(text, 1000).bytes, "Hello");
    EXPECT_LE(decode_binhex(text, 10).bytes.size(), 266U);
}

TEST(TransferEncodingFor, KnowsTheNamesInUse) {
    EXPECT_EQ(transfer_encoding_for("8bit"), TransferEncoding::identity);
    EXPECT_EQ(transfer_encoding_for("base64"), TransferEncoding::base64);
    EXPECT_EQ(transfer_encoding_for("x-uue"), TransferEncoding::uuencode);
    EXPECT_EQ(transfer_encoding_for("base46"), TransferEncoding::unknown);
}

TEST(LooksLike, TellsEncodingsFromProse) {
    const std::string base64 = to_base64(std::string(100, '\xa7') + "PK\x03\x04 some content");
    EXPECT_TRUE(looks_like_base64(base64));
    EXPECT_FALSE(looks_like_base64("Dear all,\nthe file that you asked for is below this line.\n"));
    EXPECT_FALSE(looks_like_base64("donaudampfschifffahrtsgesellschaftskapitaensmuetze\n"));
    EXPECT_TRUE(looks_like_quoted_printable("=50=4B=03=04=14=00=00=00"));
    EXPECT_FALSE(looks_like_quoted_printable("a = b and c = d, so x=12 holds"));
    EXPECT_TRUE(
        looks_like_uuencode("M4$L#!!0``@`(`!%*CDD\\SU%H1@```$0````)````96EC87(N8V]MBS#U5PQ0\n"
                            "M4$L#!!0``@`(`!%*CDD\\SU%H1@```$0````)````96EC87(N8V]MBS#U5PQ0\n"));
    EXPECT_FALSE(looks_like_uuencode("Hello there,\nHow are you?\n"));
}

}  // namespace
}  // namespace cordon
