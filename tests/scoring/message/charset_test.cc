// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/charset.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

struct Case {
    const char* name;
    std::string_view charset;
    std::string_view bytes;
    std::string_view text;
};

class ToUtf8 : public testing::TestWithParam<Case> {};

TEST_P(ToUtf8, ReadsTheCharset) {
    const Utf8Text utf8 = to_utf8(GetParam().bytes, GetParam().charset, 1000);
    EXPECT_EQ(utf8.text, GetParam().text);
    EXPECT_FALSE(utf8.is_unknown_charset);
    EXPECT_FALSE(utf8.is_wrong_charset);
}

INSTANTIATE_TEST_SUITE_P(
    Charsets, ToUtf8,
    testing::Values(Case{"Ascii", "us-ascii", "plain", "plain"},
                    Case{"Utf8", "UTF-8", "gr\xc3\xbcn", "gr\u00fcn"},
                    Case{"Utf8WithByteOrderMark", "utf-8", "\xef\xbb\xbfgr\xc3\xbcn", "gr\u00fcn"},
                    Case{"Latin1IsWindows1252", "iso-8859-1", "\x80 \xfc", "\u20ac \u00fc"},
                    Case{"Latin9", "iso-8859-15", "\xa4", "\u20ac"},
                    Case{"Cyrillic", "koi8-r", "\xc4\xc1", "\u0434\u0430"},
                    Case{"Japanese", "shift_jis", "\x82\xb1", "\u3053"},
                    Case{"Chinese", "gb2312", "\xc4\xe3", "\u4f60"},
                    Case{"Korean", "ks_c_5601-1987", "\xb0\xa1", "\uac00"},
                    Case{"Utf7", "utf-7", "+ACE-", "!"},
                    Case{"Utf16WithSurrogates", "utf-16be", {"\xd8\x3d\xde\x00", 4}, "\U0001f600"},
                    Case{"UndeclaredUtf8", "", "gr\xc3\xbcn", "gr\u00fcn"},
                    Case{"UndeclaredWindows1252", "", "gr\xfcn", "gr\u00fcn"}),
    [](const auto& test) { return test.param.name; });

TEST(ToUtf8, SaysWhenTheCharsetIsUnknownAndReadsItAllTheSame) {
    const Utf8Text utf8 = to_utf8("gr\xfcn", "x-nonsense", 1000);
    EXPECT_TRUE(utf8.is_unknown_charset);
    EXPECT_EQ(utf8.text, "gr\u00fcn");
    EXPECT_TRUE(to_utf8("a", "x,y=z", 10).is_unknown_charset);
}

TEST(ToUtf8, SaysWhenTheBytesAreNotOfTheCharset) {
    EXPECT_TRUE(to_utf8("gr\xfcn", "utf-8", 1000).is_wrong_charset);
    EXPECT_TRUE(to_utf8("gr\xfcn", "us-ascii", 1000).is_wrong_charset);
    EXPECT_TRUE(is_valid_utf8(to_utf8("gr\xfcn", "utf-8", 1000).text));
}

TEST(ToUtf8, DoesNotCallACutTextWrong) {
    const Utf8Text utf8 = to_utf8("gr\xc3\xbcn", "utf-8", 3);
    EXPECT_EQ(utf8.text, "gr");
    EXPECT_FALSE(utf8.is_wrong_charset);
}

TEST(ToUtf8, KeepsPairsThatTheConverterSplits) {
    // One byte first, so that the pairs of UTF-16 units straddle ICU's buffers.
    std::string bytes("\0a", 2);
    std::string expected = "a";
    for (int i = 0; i < 5000; ++i) {
        bytes += std::string("\xd8\x3d\xde\x00", 4);
        expected += "\U0001f600";
    }
    EXPECT_EQ(to_utf8(bytes, "utf-16be", 1U << 20U).text, expected);
}

TEST(IsValidUtf8, RefusesWhatUnicodeRefuses) {
    EXPECT_TRUE(is_valid_utf8("a\u00fc\u20ac\U0001f600"));
    for (const std::string_view bad : {"\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                       "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\x80", "\xfe"}) {
        EXPECT_FALSE(is_valid_utf8(bad));
    }
}

TEST(IsKnownCharset, AsksIcu) {
    EXPECT_TRUE(is_known_charset("UTF-8"));
    EXPECT_TRUE(is_known_charset("big5"));
    EXPECT_FALSE(is_known_charset("x-unknown"));
    EXPECT_FALSE(is_known_charset(""));
}

}  // namespace
}  // namespace cordon
