// SPDX-License-Identifier: GPL-2.0-only
// The small readers of content: types by magic, dates, tricks with characters.
#include <gtest/gtest.h>

#include "scoring/analysis/content_type.h"
#include "scoring/analysis/facts.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/analysis/mail_date.h"
#include "scoring/analysis/scripts.h"

namespace cordon {
namespace {

TEST(ContentType, TakesNoTextForAProgram) {
    EXPECT_EQ(
        content_type_of("MZ is how this text begins, and it is long enough to hold a header").kind,
        ContentKind::unknown);
    EXPECT_EQ(content_type_of("").kind, ContentKind::unknown);
    EXPECT_EQ(content_type_of("PK").kind, ContentKind::unknown);
}

TEST(ContentType, FindsAPdfBehindJunk) {
    EXPECT_EQ(content_type_of("junk\n%PDF-1.7\n").media_type, "application/pdf");
}

TEST(ContentType, ReadsExtensionsAsWindowsDoes) {
    EXPECT_EQ(extension_of("a.exe. . "), "exe");
    EXPECT_EQ(extension_of("noextension"), "");
    EXPECT_EQ(kind_of_extension("EXE"), ContentKind::program);
}

TEST(MailDate, ReadsUsualAndObsoleteForms) {
    EXPECT_EQ(parse_mail_date("Mon, 23 Nov 2026 20:15:00 +0100")->unix_seconds, 1795461300);
    EXPECT_EQ(parse_mail_date("23 Nov 2026 19:15 GMT (comment)")->unix_seconds, 1795461300);
    EXPECT_EQ(parse_mail_date("Mon,23 Nov 26 14:15:00 EST")->unix_seconds, 1795461300);
    EXPECT_EQ(parse_mail_date("1 Jan 1970 00:00:00 -0330")->zone_minutes, -210);
}

TEST(MailDate, RefusesWhatIsNone) {
    for (const char* text :
         {"", "yesterday", "31 Feb 2026 10:00:00 +0000", "1 Jan 2026 25:00 +0000",
          "1 Foo 2026 10:00:00 +0000", "1 Jan 2026 10:00:00 +1x00", "(((((((("}) {
        EXPECT_FALSE(parse_mail_date(text)) << text;
    }
}

TEST(CharacterTricks, LeaveHonestScriptsAlone) {
    const auto found = find_character_tricks(
        "\u03bcm, \u041f\u0440\u0438\u0432\u0435\u0442, na\u00efve, 10 k\u03a9");
    EXPECT_EQ(found.mixed_words, 0U);
    EXPECT_EQ(found.zero_width, 0U);
}

TEST(CharacterTricks, ReadBrokenUtf8) {
    EXPECT_EQ(find_character_tricks("\xe2\x80").zero_width, 0U);
    EXPECT_EQ(find_character_tricks("a\xff"
                                    "b\xc3")
                  .mixed_words,
              0U);
}

TEST(FoldText, MakesOneBlankOfManyAndALineOfEmptyLines) {
    EXPECT_EQ(fold_text("  a \r\n b\t\u00a0c\n\n\nd \u200be\u00adf "), "a b c\nd ef");
    EXPECT_EQ(fold_text(" \n \n"), "");
}

TEST(KnownDomains, CompareWholeLabels) {
    EXPECT_TRUE(is_free_hosting("x.pages.dev"));
    EXPECT_FALSE(is_free_hosting("xpages.dev"));
    EXPECT_TRUE(is_freemail("gmail.com"));
    EXPECT_TRUE(is_link_shortener("www.bit.ly"));
    EXPECT_EQ(owner_of("a.b.example.co.uk"), "example.co.uk");
}

}  // namespace
}  // namespace cordon
