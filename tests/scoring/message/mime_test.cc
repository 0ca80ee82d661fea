// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/mime.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scoring/message/charset.h"

namespace cordon {
namespace {

using namespace std::string_literals;

using namespace std::string_view_literals;

Declaration declare(std::string_view header) {
    const Limits limits;
    return read_declaration(HeaderBlock::parse(header, limits), "text/plain", limits);
}

bool has(const Declaration& declared, std::string_view rule) {
    return std::any_of(declared.oddities.begin(), declared.oddities.end(),
                       [rule](const DeclaredOddity& o) { return o.rule == rule; });
}

TEST(ReadDeclaration, FillsInWhatIsMissing) {
    const Declaration declared = declare("Subject: x\n\n");
    EXPECT_EQ(declared.types.at(0).type, "text/plain");
    EXPECT_EQ(declared.encodings.at(0).token, "7bit");
    EXPECT_TRUE(declared.names.empty());
    EXPECT_TRUE(declared.oddities.empty());
}

TEST(ReadDeclaration, ReadsAnOrdinaryAttachment) {
    const Declaration declared = declare(
        "Content-Type: application/pdf; name=\"a.pdf\"\n"
        "Content-Disposition: attachment;\n filename=\"a.pdf\"\n"
        "Content-Transfer-Encoding: BASE64\n\n");
    EXPECT_EQ(declared.types.at(0).type, "application/pdf");
    EXPECT_EQ(declared.encodings.at(0).encoding, TransferEncoding::base64);
    EXPECT_EQ(declared.names, std::vector<std::string>{"a.pdf"});
    EXPECT_TRUE(declared.is_attachment);
    EXPECT_TRUE(declared.oddities.empty());
}

TEST(ReadDeclaration, KeepsContradictingTypesApart) {
    const Declaration declared =
        declare("Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=x\n\n");
    ASSERT_EQ(declared.types.size(), 2U);
    EXPECT_EQ(declared.types[1].boundaries, std::vector<std::string>{"x"});
    EXPECT_TRUE(has(declared, "MIME_TYPE_CONFLICT"));
}

TEST(ReadDeclaration, TakesTheSameTypeTwiceForAMinorMatter) {
    const Declaration declared = declare("Content-Type: text/plain\nContent-Type: text/plain\n\n");
    EXPECT_EQ(declared.types.size(), 1U);
    EXPECT_TRUE(has(declared, "MIME_TYPE_DUPLICATE"));
    EXPECT_FALSE(has(declared, "MIME_TYPE_CONFLICT"));
}

TEST(ReadDeclaration, KeepsContradictingEncodingsApart) {
    const Declaration declared = declare(
        "Content-Transfer-Encoding: quoted-printable\nContent-Transfer-Encoding: base64\n\n");
    ASSERT_EQ(declared.encodings.size(), 2U);
    EXPECT_EQ(declared.encodings[0].encoding, TransferEncoding::quoted_printable);
    EXPECT_TRUE(has(declared, "MIME_ENCODING_CONFLICT"));
}

struct Disguise {
    const char* name;
    std::string_view value;
};

class DisguisedEncoding : public testing::TestWithParam<Disguise> {};

TEST_P(DisguisedEncoding, IsSeenThrough) {
    const std::string header =
        "Content-Transfer-Encoding: " + std::string(GetParam().value) + "\n\n";
    const Declaration declared = declare(header);
    EXPECT_EQ(declared.encodings.back().encoding, TransferEncoding::base64);
    EXPECT_TRUE(has(declared, "MIME_ENCODING_DISGUISED"));
}

INSTANTIATE_TEST_SUITE_P(
    Forms, DisguisedEncoding,
    testing::Values(Disguise{"Comma", "base64,"}, Disguise{"Comment", "bas(x)e64"},
                    Disguise{"CommentAcrossLines", "bas(\n x)e64"}, Disguise{"Escape", "base\\64"},
                    Disguise{"Quotes", "\"base64\""}, Disguise{"Nul", "bas\0e64"sv},
                    Disguise{"Semicolon", ";base64"}, Disguise{"MoreWords", "base64 xx"},
                    Disguise{"Prefix", "xxbase64"},
                    Disguise{"EncodedWord", "=?us-ascii?q?base64?="},
                    Disguise{"NameTwice", "Content-Transfer-Encoding:base64"}),
    [](const auto& test) { return test.param.name; });

TEST(ReadDeclaration, LetsHarmlessMisspellingsPass) {
    const Declaration declared = declare("Content-Transfer-Encoding: 8 bit\n\n");
    EXPECT_EQ(declared.encodings.at(0).encoding, TransferEncoding::identity);
    EXPECT_TRUE(has(declared, "MIME_ENCODING_UNKNOWN"));
    EXPECT_FALSE(has(declared, "MIME_ENCODING_DISGUISED"));
}

TEST(ReadDeclaration, NotesControlCharactersInFieldNames) {
    const Declaration declared = declare("\0Content-Type: text/html\n\n"sv);
    EXPECT_EQ(declared.types.at(0).type, "text/html");
    EXPECT_TRUE(has(declared, "MIME_FIELD_NAME_ODD"));
    EXPECT_TRUE(has(declared, "MIME_HEADER_NUL"));
}

TEST(ReadDeclaration, TakesInvalidTypesForTheDefault) {
    const Declaration declared = declare("Content-Type: html\n\n");
    EXPECT_EQ(declared.types.at(0).type, "text/plain");
    EXPECT_TRUE(has(declared, "MIME_TYPE_INVALID"));
    EXPECT_EQ(declare("Content-Type: multipart; boundary=x\n\n").types.at(0).type,
              "multipart/mixed");
}

struct Name {
    const char* name;
    std::string_view header;
    std::vector<std::string> expected;
};

class AttachmentName : public testing::TestWithParam<Name> {};

TEST_P(AttachmentName, IsReadInAllPlausibleWays) {
    EXPECT_EQ(declare(std::string(GetParam().header) + "\n\n").names, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, AttachmentName,
    testing::Values(
        Name{"DispositionBeforeType",
             "Content-Type: a/b; name=b.txt\nContent-Disposition: attachment; filename=a.exe",
             {"a.exe", "b.txt"}},
        Name{"SameExtensionOnce",
             "Content-Type: a/b; name=b.txt\nContent-Disposition: attachment; filename=a.txt",
             {"a.txt"}},
        Name{"TwoDispositions",
             "Content-Disposition: attachment; filename=a.png\n"
             "Content-Disposition: attachment; filename=a.zip",
             {"a.png", "a.zip"}},
        Name{"TrailingDotsAndBlanks", "Content-Type: a/b; name=\"a.exe. . \"", {"a.exe"}},
        Name{"BlanksInside", "Content-Type: a/b; name=my file.exe", {"my file.exe"}},
        Name{"SemicolonInside", "Content-Type: a/b; name=file;.zip", {"file", "file;.zip"}},
        Name{"ControlCharacters", "Content-Type: a/b; name=\"a\x01.exe\"", {"a.exe"}},
        Name{"ContinuedInTheOtherField",
             "Content-Disposition: attachment; filename*0=file.\nContent-Type: a/b; filename*1=zip",
             {"file", "file.zip"}}),
    [](const auto& test) { return test.param.name; });

TEST(BeginsWithMimeField, LooksBehindBlanksAndControlBytes) {
    EXPECT_TRUE(begins_with_mime_field("Content-Type: text/plain\r\n"));
    EXPECT_TRUE(begins_with_mime_field("\r\n\0 content-disposition: x"sv));
    EXPECT_TRUE(begins_with_mime_field("Content-Transfer-Encoding\r\n :base64"));
    EXPECT_FALSE(begins_with_mime_field("Contents: none"));
    EXPECT_FALSE(begins_with_mime_field("content-free prose"));
    EXPECT_FALSE(begins_with_mime_field(""));
}

TEST(BeginsWithMimeField, LooksForTheColonInTheFirst200BytesOfTheLineOnly) {
    const std::string name(190, 'x');
    EXPECT_TRUE(begins_with_mime_field("content-" + name + ": 1"));
    // Where many such lines follow each other, each would be looked at to the end of the message.
    EXPECT_FALSE(begins_with_mime_field("content-" + name + name + "\r\nX: 1"));
}

TEST(ReadDeclaration, SeesTheNameThatAClientMayMakeOfIt) {
    for (const std::string& written :
         {"a.z\\ip"s, "'a.zip'"s, "a%2Ezip"s, "a.zip\0.txt"s, "a.zip::$DATA"s, "a.z\u200bip"s,
          "a.zip\u00a0"s, "a.zip..."s}) {
        const std::string field =
            "Content-Disposition: attachment; filename=\"" + written + "\"\n\n";
        const auto headers = HeaderBlock::parse(field, Limits{});
        const auto names = read_declaration(headers, "text/plain", Limits{}).names;
        EXPECT_TRUE(std::any_of(names.begin(), names.end(), [](const std::string& name) {
            return name.ends_with(".zip");
        })) << written;
    }
}

TEST(MimeDeclaration, NamesAreUtf8WhateverBytesTheirPercentEscapesSpell) {
    const auto names = declare("Content-Disposition: attachment; filename=\"a.e%C3xe\"\n\n").names;
    ASSERT_FALSE(names.empty());
    for (const std::string& name : names) EXPECT_TRUE(is_valid_utf8(name)) << name;
}

}  // namespace
}  // namespace cordon
