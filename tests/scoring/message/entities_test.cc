// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/entities.h"

#include <gtest/gtest.h>

#include <string>

#include "scoring/message/html.h"

namespace cordon {
namespace {

TEST(DecodeEntities, KnowsTheNamesOfTheStandard) {
    EXPECT_EQ(decode_entities("&lt;&amp;&gt;&quot;&apos;"), "<&>\"'");
    EXPECT_EQ(decode_entities("&eacute;&Eacute;&szlig;&nbsp;"), "éÉß\u00A0");
    EXPECT_EQ(decode_entities("&AElig;&zwnj;&zwj;&hellip;&rsquo;"), "Æ\u200C\u200D…’");
    EXPECT_EQ(decode_entities("&CounterClockwiseContourIntegral;"), "∳");
}

TEST(DecodeEntities, GivesTwoCharactersWhereTheStandardDoes) {
    EXPECT_EQ(decode_entities("&NotEqualTilde;"), "\u2242\u0338");
}

TEST(DecodeEntities, TakesOldNamesWithoutTheirSemicolon) {
    EXPECT_EQ(decode_entities("caf&eacute and &copy2024 &notit;"), "café and ©2024 ¬it;");
    EXPECT_EQ(decode_entities("&hellip &alpha"), "&hellip &alpha");
}

TEST(DecodeEntities, PrefersTheLongestName) {
    EXPECT_EQ(decode_entities("&notin; &not;in;"), "∉ ¬in;");
}

TEST(DecodeEntities, ReadsNumbersInBothBases) {
    EXPECT_EQ(decode_entities("&#65;&#x42;&#X43;&#68 &#x1F600;"), "ABCD 😀");
}

TEST(DecodeEntities, TakesNumbersOfWindows1252ForWhatTheyMeant) {
    EXPECT_EQ(decode_entities("&#128;&#146;&#x99;&#151;"), "€’™—");
}

TEST(DecodeEntities, ReplacesNumbersThatAreNoCharacter) {
    EXPECT_EQ(decode_entities("&#0;&#xD800;&#x110000;&#99999999999999999999;"),
              "\uFFFD\uFFFD\uFFFD\uFFFD");
}

TEST(DecodeEntities, LeavesAnAmpersandThatIsJustOne) {
    for (const std::string text :
         {"a & b", "&", "&;", "&#", "&#;", "&#x;", "&#xg;", "AT&T", "&zz;"}) {
        EXPECT_EQ(decode_entities(text), text);
    }
}

TEST(DecodeAttribute, LeavesParametersOfAUrlAlone) {
    EXPECT_EQ(decode_attribute("?a=1&copy=2&amp;reg=3&lt4"), "?a=1&copy=2&reg=3&lt4");
    EXPECT_EQ(decode_attribute("&copy&copy;&copy "), "©©© ");
}

TEST(FindNamedReference, DistinguishesCase) {
    EXPECT_EQ(find_named_reference("Dagger").first, 0x2021U);
    EXPECT_EQ(find_named_reference("dagger").first, 0x2020U);
    EXPECT_EQ(find_named_reference("DAGGER").first, 0U);
    EXPECT_EQ(find_named_reference("").first, 0U);
}

}  // namespace
}  // namespace cordon
