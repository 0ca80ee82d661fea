// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/parameters.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

ParameterizedValue parse(std::string_view text) {
    return parse_parameterized(text, Limits{});
}

std::string first(std::string_view text, std::string_view name) {
    const auto readings = parameter_readings(parse(text).parameters, name, true);
    return readings.empty() ? "(none)" : readings.front();
}

std::vector<std::string> all(std::string_view text, std::string_view name) {
    return parameter_readings(parse(text).parameters, name, true);
}

TEST(ParseParameterized, ReadsAnOrdinaryContentType) {
    const auto value = parse("Text/HTML; charset=UTF-8; format=flowed");
    EXPECT_EQ(value.value, "text/html");
    ASSERT_EQ(value.parameters.size(), 2U);
    EXPECT_EQ(value.parameters[0].name, "charset");
    EXPECT_EQ(value.parameters[0].value, "UTF-8");
    EXPECT_FALSE(value.is_broken);
    EXPECT_FALSE(value.has_comment);
}

TEST(ParseParameterized, UndoesQuotesAndEscapes) {
    EXPECT_EQ(first("a/b; name=\"x; \\\"y\\\".txt\"; z=1", "name"), "x; \"y\".txt");
    EXPECT_EQ(first("a/b; name=\"C:\\file.txt\"", "name"), "C:\\file.txt");
}

TEST(ParseParameterized, RemovesComments) {
    const auto value = parse("text/plain (a (nested) one); charset=utf-8 (Unicode)");
    EXPECT_EQ(value.value, "text/plain");
    EXPECT_EQ(value.parameters.at(0).value, "utf-8");
    EXPECT_TRUE(value.has_comment);
    EXPECT_EQ(first("a/b; ()boundary=x", "boundary"), "x");
    EXPECT_EQ(first("a/b; bound()ary=x", "boundary"), "x");
}

struct Broken {
    const char* name;
    std::string_view text;
    std::string_view boundary;
};

class BrokenValue : public testing::TestWithParam<Broken> {};

TEST_P(BrokenValue, IsNotedAndStillRead) {
    EXPECT_TRUE(parse(GetParam().text).is_broken);
    EXPECT_EQ(parse(GetParam().text).value, "multipart/mixed");
    EXPECT_EQ(first(GetParam().text, "boundary"), GetParam().boundary);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, BrokenValue,
    testing::Values(Broken{"QuoteNotClosed", "multipart/mixed; boundary=\"abc", "abc"},
                    Broken{"QuoteNotClosedBeforeMore", "multipart/mixed; boundary=\"abc; x=y",
                           "abc"},
                    Broken{"NoSemicolon", "multipart/mixed boundary=abc", "abc"},
                    Broken{"CommaInstead", "multipart/mixed, boundary=abc", "abc"},
                    Broken{"QuotedType", "\"multipart/mixed\"; boundary=abc", "abc"},
                    Broken{"TextAfterQuotes", "multipart/mixed; boundary=\"abc\"def", "abc"},
                    Broken{"WordInFront", "multipart/mixed; foo boundary=abc", "abc"},
                    Broken{"NameWithoutValue", "multipart/mixed; foo; boundary=abc", "abc"}),
    [](const auto& test) { return test.param.name; });

TEST(ParameterReadings, PutsContinuationsTogether) {
    EXPECT_EQ(first("a/b; name*1=\"two.txt\"; name*0=one", "name"), "onetwo.txt");
    EXPECT_EQ(first("a/b; name*0*=UTF-8'en'gr%C3%BC; name*1=n", "name"), "gr\u00fcn");
}

TEST(ParameterReadings, DecodesCharsetAndPercentSigns) {
    EXPECT_EQ(first("a/b; filename*=iso-8859-1'de'gr%FCn.txt", "filename"), "gr\u00fcn.txt");
    EXPECT_EQ(first("a/b; filename*=UTF-16BE''%00a%00b", "filename"), "ab");
    EXPECT_EQ(first("a/b; filename*=100%zz", "filename"), "100%zz");
}

TEST(ParameterReadings, PrefersTheExtendedFormAndKeepsTheOther) {
    const auto names = all("a/b; filename=x.png; filename*=''x.%7A%69%70", "filename");
    EXPECT_EQ(names, (std::vector<std::string>{"x.zip", "x.png"}));
}

TEST(ParameterReadings, DecodesEncodedWordsOnlyWhenAsked) {
    constexpr std::string_view kText = "a/b; name=\"=?utf-8?B?eC56aXA=?=\"";
    EXPECT_EQ(all(kText, "name").front(), "x.zip");
    EXPECT_EQ(parameter_readings(parse(kText).parameters, "name", false).front(),
              "=?utf-8?B?eC56aXA=?=");
}

TEST(ParameterReadings, ReadsGapsInContinuationsBothWays) {
    const auto names = all("a/b; name*0=file.; name*2=zip", "name");
    EXPECT_EQ(names, (std::vector<std::string>{"file.", "file.zip"}));
}

TEST(ParameterReadings, KeepsWhatStandsAroundQuotesAndComments) {
    const auto names = all("a/b; name=file.z(.gif)ip", "name");
    EXPECT_EQ(names, (std::vector<std::string>{"file.zip", "file.z(.gif)ip"}));
}

TEST(ParseParameterized, ReadsParametersWithoutAValueBefore) {
    const auto value = parse_parameterized("filename=\"report.exe\"", Limits{});
    EXPECT_EQ(value.value, "");
    EXPECT_TRUE(value.is_broken);
    ASSERT_EQ(value.parameters.size(), 1U);
    EXPECT_EQ(value.parameters[0].name, "filename");
    EXPECT_EQ(value.parameters[0].value, "report.exe");
}

TEST(ParseParameterized, BoundsWhatItKeeps) {
    Limits limits;
    limits.parameter_bytes = 100;
    const auto value = parse_parameterized("a/b; name=" + std::string(5000, 'x'), limits);
    EXPECT_EQ(value.parameters.at(0).value.size(), 100U);
    std::string many = "a/b";
    for (int i = 0; i < 10000; ++i) many += "; p=1";
    EXPECT_LE(parse(many).parameters.size(), 100U);
}

TEST(ParseParameterized, StaysLinearOnWhatNeverCloses) {
    for (const char* piece : {"(", "\"", "=", ";(", "=\"", "*", "'"}) {
        std::string text = "a/b;x=";
        for (int i = 0; i < 200000; ++i) text += piece;
        EXPECT_LE(parse(text).parameters.size(), 100U) << piece;
    }
}

TEST(WithoutComments, LeavesAnOpenParenthesis) {
    bool removed = false;
    EXPECT_EQ(without_comments("a(b", removed), "a(b");
    EXPECT_FALSE(removed);
    EXPECT_EQ(without_comments("a(b\\)c)d(e)", removed), "ad");
    EXPECT_TRUE(removed);
}

}  // namespace
}  // namespace cordon
