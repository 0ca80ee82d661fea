// SPDX-License-Identifier: GPL-2.0-only
// What one client sees and another doesn't: each case hides the word PAYLOAD from some reading.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scoring/message/message.h"

namespace cordon {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPayload = "PAYLOAD inside";  // in base64 and quoted-printable:
constexpr std::string_view kBase64 = "UEFZTE9BRCBpbnNpZGU=";
constexpr std::string_view kQuoted = "=50=41=59=4C=4F=41=44 inside";

struct Case {
    const char* name;
    std::string message;  // ~ stands for the payload in base64
    const char* rule;     // what must be noted; empty when nothing need be
};

std::string with_payload(std::string text) {
    for (std::size_t at = text.find('~'); at != std::string::npos; at = text.find('~')) {
        text.replace(at, 1, kBase64);
    }
    return text;
}

std::string part_of(std::string_view header) {
    return "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n" +
           std::string(header) + "\n\n~\n--b--\n";
}

std::string multipart(std::string_view header, std::string_view boundary) {
    const std::string b(boundary);
    return std::string(header) + "\n\n--" + b + "\n\nhello\n--" + b +
           "\nContent-Type: a/b\nContent-Transfer-Encoding: base64\n\n~\n--" + b + "--\n";
}

std::string body(std::string_view text) {
    return "Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n" + std::string(text) + "\n";
}

class HiddenPayload : public testing::TestWithParam<Case> {};

TEST_P(HiddenPayload, IsFoundInSomeReading) {
    const std::string bytes = with_payload(GetParam().message);
    const Message message = Message::parse(bytes, Limits{});
    const auto& parts = message.parts();
    EXPECT_TRUE(std::any_of(parts.begin(), parts.end(),
                            [](const Part& part) { return part.bytes().starts_with(kPayload); }));
    const std::string_view rule = GetParam().rule;
    const auto& oddities = message.oddities();
    EXPECT_TRUE(rule.empty() || std::any_of(oddities.begin(), oddities.end(),
                                            [rule](const Oddity& o) { return o.rule == rule; }));
}

INSTANTIATE_TEST_SUITE_P(
    Boundaries, HiddenPayload,
    testing::Values(
        Case{"NoBoundaryParameter", multipart("Content-Type: multipart/mixed", "x"),
             "MIME_BOUNDARY_MISSING"},
        Case{"OtherParameterName", multipart("Content-Type: multipart/mixed; bound=x", "x"),
             "MIME_BOUNDARY_GUESSED"},
        Case{"EmptyBoundary", multipart("Content-Type: multipart/mixed; boundary=", ""), ""},
        Case{"BlankBoundary", multipart("Content-Type: multipart/mixed; boundary=\" \"", " "), ""},
        Case{"HiddenInQuotes", multipart("Content-Type: multipart/mixed; a=\"b;boundary=x\"", "x"),
             "MIME_BOUNDARY_MISSING"},
        Case{"HiddenInAComment", multipart("Content-Type: multipart/mixed; (boundary=x)", "x"),
             "MIME_PARAMETER_COMMENT"},
        Case{"QuoteInTheMiddle", multipart("Content-Type: multipart/mixed; boundary=x\"y\"", "x"),
             "MIME_PARAMETER_BROKEN"},
        Case{"EncodedWord",
             multipart("Content-Type: multipart/mixed; boundary=\"=?us-ascii?q?x?=\"", "x"), ""},
        Case{"Rfc2231", multipart("Content-Type: multipart/mixed; boundary*=''%78", "x"), ""},
        Case{"FirstTypeCounts",
             multipart("Content-Type: multipart/mixed; boundary=x\nContent-Type: text/plain", "x"),
             "MIME_TYPE_CONFLICT"},
        Case{"SecondTypeCounts",
             multipart("Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=x", "x"),
             "MIME_TYPE_CONFLICT"},
        Case{"LongerDelimiter", multipart("Content-Type: multipart/mixed; boundary=x", "x-"), ""},
        Case{"IndentedDelimiter",
             "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhi\n --x\nContent-Type: a/b\n"
             "Content-Transfer-Encoding: base64\n\n~\n --x--\n",
             "MIME_PART_IN_TEXT"},
        Case{"DelimiterAfterLoneCr",
             "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhi\r--x\nContent-Type: a/b\n"
             "Content-Transfer-Encoding: base64\n\n~\n--x--\n",
             "MIME_BOUNDARY_LONE_CR"},
        Case{"PartInThePreamble",
             "Content-Type: multipart/mixed; boundary=x\n\n--y\nContent-Type: a/b\n"
             "Content-Transfer-Encoding: base64\n\n~\n--x\n\nhi\n--x--\n",
             "MIME_PART_IN_PREAMBLE"},
        Case{"HeaderInThePreamble",
             "Content-Type: multipart/mixed; boundary=x\n\nContent-Type: a/b\n"
             "Content-Transfer-Encoding: base64\n\n~\n--x\n\nhi\n--x--\n",
             "MIME_PART_IN_PREAMBLE"},
        Case{"PartInTheEpilogue",
             "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhi\n--x--\n--x\n"
             "Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n~\n--x--\n",
             "MIME_PART_IN_EPILOGUE"},
        Case{"SameBoundaryInside",
             "Content-Type: multipart/mixed; boundary=x\n\n--x\n"
             "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: a/b\n"
             "Content-Transfer-Encoding: base64\n\n~\n--x--\n--x--\n",
             ""},
        Case{"EncodedMultipart",
             "Content-Type: multipart/mixed; boundary=none\nContent-Transfer-Encoding: base64\n\n~",
             "MIME_ENCODING_MULTIPART"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Headers, HiddenPayload,
    testing::Values(
        Case{"NulBeforeTheName", part_of("\0Content-Transfer-Encoding: base64"sv),
             "MIME_FIELD_NAME_ODD"},
        Case{"BlankBeforeTheColon", part_of("Content-Transfer-Encoding : base64"),
             "MIME_FIELD_NAME_ODD"},
        Case{"LoneCrEndsTheLine", part_of("X-Foo: bar\rContent-Transfer-Encoding: base64"),
             "MIME_HEADER_LONE_CR"},
        Case{"JunkBeforeTheEncoding",
             part_of("Content-Type: a/b\njunk\nContent-Transfer-Encoding: base64"),
             "MIME_HEADER_NO_END"},
        Case{"EmptyLineBeforeTheEncoding",
             part_of("Content-Type: a/b\n\nContent-Transfer-Encoding: base64"),
             "MIME_HEADER_IN_BODY"},
        Case{"TwoEncodings",
             part_of("Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64"),
             "MIME_ENCODING_CONFLICT"},
        Case{"EncodingDisguised", part_of("Content-Transfer-Encoding: bas(x)e64"),
             "MIME_ENCODING_DISGUISED"},
        Case{"FoldBeforeTheColon",
             part_of("Content-Type: a/b\nContent-Transfer-Encoding\n :base64"), ""}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Bodies, HiddenPayload,
    testing::Values(
        Case{"PaddingInTheMiddle", body("UEE=WUxPQUQgaW5zaWRl"), "MIME_BASE64_INNER_PADDING"},
        Case{"PaddingIsJunk", body("=UEFZ=TE9BRCBpbnNpZGU"), "MIME_BASE64_UNALIGNED"},
        Case{"JunkGroupFirst", body("ABC\n\n~"), "MIME_BASE64_UNALIGNED"},
        Case{"JunkCharacters", body("UEFZ*TE9B!RCBpbnNpZGU="), "MIME_BASE64_JUNK"},
        Case{"QuotedPrintableIsBase64",
             "Content-Type: a/b\nContent-Transfer-Encoding: quoted-printable\n\n"
             "UEFZTE9BRCBpbnNpZGUgYW5kIGEgbG90IG1vcmUgdGV4dCBhZnRlciBpdA==\n",
             "MIME_ENCODING_UNDECLARED"},
        Case{"Base64IsQuotedPrintable", body(kQuoted), "MIME_ENCODING_UNDECLARED"},
        Case{"UnknownIsQuotedPrintable",
             "Content-Type: a/b\nContent-Transfer-Encoding: foo\n\n" + std::string(kQuoted),
             "MIME_ENCODING_UNKNOWN"},
        Case{"BrokenEscapes",
             "Content-Type: a/b\nContent-Transfer-Encoding: quoted-printable\n\n==50==41=59LOAD "
             "inside",
             "MIME_QP_BROKEN"},
        Case{"UuencodeAsEncoding",
             "Content-Type: a/b\nContent-Transfer-Encoding: x-uue\n\n.4$%93$]!1\"!I;G-I9&4 "
             "\n`\nend\n",
             "MIME_ENCODING_RARE"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Places, HiddenPayload,
    testing::Values(
        Case{"HeaderInTheMiddleOfAText",
             "Content-Type: text/plain\n\nhello\n\nContent-Type: a/b\n"
             "Content-Transfer-Encoding: base64\n\n~\n",
             "MIME_PART_IN_TEXT"},
        Case{"HeaderInTheMiddleOfTheEpilogue",
             "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhi\n--x--\n\nX: y\n"
             "Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n~\n",
             "MIME_PART_IN_EPILOGUE"},
        Case{"JunkLineBeforeAHeader",
             "Content-Type: multipart/mixed; boundary=x\n\n--x\njunk\n"
             "Content-Transfer-Encoding: base64\nContent-Type: a/b\n\n~\n--x--\n",
             "MIME_PART_IN_TEXT"},
        Case{"FirstFieldWithoutItsColon",
             part_of("Content-Transfer-Encoding\n : base64\nContent-Type: a/b"),
             "MIME_HEADER_IN_BODY"},
        Case{"NulBeforeADelimiter",
             std::string("Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhi\n\0--x\n"
                         "Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n~\n--x--\n",
                         118),
             "MIME_PART_IN_TEXT"},
        Case{"MultipartInBase64",
             "Content-Type: multipart/mixed; boundary=x\nContent-Transfer-Encoding: base64\n\n"
             "LS14CkNvbnRlbnQtVHlwZTogYS9iCkNvbnRlbnQtVHJhbnNmZXItRW5jb2Rpbmc6IGJhc2U2NAoK\n"
             "VUVGWlRFOUJSQ0JwYm5OcFpHVT0KLS14LS0K\n",
             "MIME_ENCODING_MULTIPART"},
        Case{"OnlyPieceOfAMessage",
             "Content-Type: message/partial; id=a; number=1; total=1\n\nContent-Type: a/b\n"
             "Content-Transfer-Encoding: base64\n\n~\n",
             "MIME_MESSAGE_PARTIAL"},
        Case{"YencInAText",
             "\nhello\n=ybegin line=128 size=14 name=a.bin\n"
             "\x7a\x6b\x83\x76\x79\x6b\x6e\x4a\x93\x98\x9d\x93\x8e\x8f\n=yend size=14\n",
             "MIME_UUENCODED"},
        Case{"Base64BlockInAText",
             "\nhello\nand some more words\nbegin-base64 644 a.bin\n~\n====\n", "MIME_UUENCODED"},
        Case{"NulInQuotedPrintable",
             std::string("Content-Type: a/b\nContent-Transfer-Encoding: quoted-printable\n\n"
                         "PAY\0LOAD inside",
                         79),
             "MIME_BODY_NUL"},
        Case{"ControlCharacterInASoftBreak",
             "Content-Type: a/b\nContent-Transfer-Encoding: quoted-printable\n\nPAY=\x0b\nLOAD "
             "inside=!",
             "MIME_QP_BROKEN"},
        Case{"EscapesOnlyAndUndeclared",
             "Content-Type: a/b\n\n=50=41=59=4C=4F=41=44=20=69=6E=73=69=64=65\n",
             "MIME_ENCODING_UNDECLARED"}),
    [](const auto& test) { return test.param.name; });

TEST(Readings, HaveOneNumberForEachWayToDiffer) {
    std::string bytes = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 5; ++i) {
        bytes +=
            "--b\nContent-Type: a/b\nContent-Transfer-Encoding: 7bit\n"
            "Content-Transfer-Encoding: base64\n\n" +
            std::string(kBase64) + "\n";
    }
    const Message message = Message::parse(bytes, Limits{});
    EXPECT_EQ(message.readings(), 2);
    EXPECT_EQ(message.parts().size(), 11U);
}

TEST(Readings, GiveOnePartForEachExtensionOfAName) {
    const std::string bytes =
        "Content-Type: a/b; name=x.png\nContent-Disposition: attachment; filename=x.exe\n\ndata";
    const Message message = Message::parse(bytes, Limits{});
    ASSERT_EQ(message.parts().size(), 2U);
    EXPECT_EQ(message.parts()[0].name, "x.exe");
    EXPECT_EQ(message.parts()[1].name, "x.png");
    EXPECT_EQ(message.parts()[1].bytes(), "data");
}

TEST(Readings, AreBoundedWhateverTheMessage) {
    std::string bytes;
    for (int i = 0; i < 3000; ++i) {
        bytes +=
            "Content-Type: multipart/mixed; boundary=b\rContent-Type: text/plain\n\n--b\r--b\n";
    }
    Limits limits;
    limits.readings = 4;
    const Message message = Message::parse(bytes, limits);
    EXPECT_LE(message.readings(), 4);
    EXPECT_LE(message.parts().size(), limits.parts);
}

}  // namespace
}  // namespace cordon
