// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/regex.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace cordon {
namespace {

using Literals = std::vector<std::string>;
using test::FailsWith;

RegexStudy study(std::string_view pattern, bool is_caseless = true) {
    return study_regex(pattern, {is_caseless, false, true, false});
}

struct StudyCase {
    std::string_view pattern;
    Literals any_of;
};

class StudyRegex : public testing::TestWithParam<StudyCase> {};

TEST_P(StudyRegex, FindsWhatEveryMatchContains) {
    EXPECT_EQ(study(GetParam().pattern).any_of, GetParam().any_of) << GetParam().pattern;
}

INSTANTIATE_TEST_SUITE_P(
    Patterns, StudyRegex,
    testing::Values(
        StudyCase{"click here", {"click here"}},
        StudyCase{"(?:casino|poker)s?", {"casino", "poker"}}, StudyCase{"a?bcd", {"bcd"}},
        StudyCase{"ab+cde", {"cde"}}, StudyCase{"colou?rs", {"colo"}},
        StudyCase{"(?:casino|.)", {}}, StudyCase{"[abc]+", {}}, StudyCase{"x\\.y[z]w", {"x.yzw"}},
        StudyCase{"\\bword\\b", {"word"}}, StudyCase{"(?=lookahead)rest", {"rest"}},
        StudyCase{"(?!not)this", {"this"}}, StudyCase{"(?:long literal)?short", {"short"}},
        StudyCase{"(?:ab|cd)(?:long1|long2)", {"ablong1", "ablong2", "cdlong1", "cdlong2"}},
        StudyCase{"a\\x62c", {"abc"}}, StudyCase{"caf\u00e9 noir", {" noir"}},
        StudyCase{"(?i)unknown", {}}, StudyCase{"\\Qraw.text\\E", {}},
        StudyCase{"abc{0}def", {"def"}}, StudyCase{"x{2,3}yz", {"yz"}}));

TEST(StudyRegex, JoinsFewAlternativesWithTheirNeighbours) {
    EXPECT_EQ(study("d(?:u|o)ver").any_of, (Literals{"duver", "dover"}));
    EXPECT_EQ(study("d(?:\\x{16f}|u)v").any_of, (Literals{"d\u016fv", "d\u016ev", "duv"}));
    EXPECT_EQ(study("(?:a|b)(?:c|d)(?:e|f)(?:g|h)xy").any_of, (Literals{"gxy", "hxy"}));
    EXPECT_EQ(study("\\$\\d+").any_of, (Literals{"$"}));
    EXPECT_EQ(study("\\x{20ac}\\d").any_of, (Literals{"\u20ac"}));
    EXPECT_EQ(study("\\x{e5}\\d").any_of, Literals{});  // U+212B is the same letter
}

TEST(StudyRegex, KeepsLettersBeyondAsciiOnlyWhereCaseCounts) {
    EXPECT_EQ(study("caf\u00e9", false).any_of, (Literals{"caf\u00e9"}));
    EXPECT_EQ(study("caf\u00e9", true).any_of, (Literals{"caf"}));
}

TEST(StudyRegex, KnowsHowFarAheadOfALiteralAMatchBegins) {
    using Bytes = std::vector<std::size_t>;
    EXPECT_EQ(study("next of tin").ahead, Bytes{11});
    EXPECT_EQ(study("\\b(?:my )?next of tin\\w+").ahead, Bytes{14});
    EXPECT_EQ(study("(?:abc|\\w{2,4}def)").ahead, (Bytes{3, 7}));
    EXPECT_EQ(study("a(?:bc|xy \\d{3}tuvw)").ahead, (Bytes{3, 11}));
    EXPECT_EQ(study("(?:ab){2,3}cdef").ahead, Bytes{10});
    EXPECT_EQ(study("ask").ahead, Bytes{7});        // U+017F and U+212A
    EXPECT_EQ(study("\\w+ long").ahead, Bytes{0});  // no bound
    EXPECT_EQ(study("short.*longer").ahead, Bytes{0});
}

TEST(StudyRegex, KnowsTheLongestMatch) {
    EXPECT_EQ(study("abc").longest, 3U);
    EXPECT_EQ(study("ab?c{2,4}").longest, 6U);
    EXPECT_EQ(study("k").longest, 3U);  // U+212A
    EXPECT_EQ(study("a.c").longest, 6U);
    EXPECT_EQ(study("(?:ab|cde)f").longest, 4U);
    EXPECT_EQ(study("ab+").longest, std::nullopt);
    EXPECT_EQ(study("a(?=b)").longest, std::nullopt);
}

TEST(StudyRegex, IgnoresBlanksWhereTheFlagSaysSo) {
    EXPECT_EQ(study_regex("a b | c d + e", {false, true, true, false}).any_of,
              (Literals{"ab", "cd"}));
}

TEST(StudyRegex, NoticesRepeatsInsideRepeats) {
    EXPECT_TRUE(study("(?:a+)+b").has_nested_repeat);
    EXPECT_TRUE(study("(?:x(?:a|b*)){2,}").has_nested_repeat);
    EXPECT_FALSE(study("(?:a++)+b").has_nested_repeat);
    EXPECT_FALSE(study("(?>a+)+b").has_nested_repeat);
    EXPECT_FALSE(study("a+b+c+").has_nested_repeat);
}

TEST(StudyRegex, NoticesRepeatsThatCanBeReadInSeveralWays) {
    EXPECT_TRUE(study("(?:a|aa|aaa)+(?:b|a)+").has_ambiguous_repeat);
    EXPECT_TRUE(study("(?:a|b|ab)*c").has_ambiguous_repeat);
    EXPECT_TRUE(study("(?:x(?:a|aa)|ax|a){3,}c").has_ambiguous_repeat);
    EXPECT_TRUE(study("(?:ab|ab)+").has_ambiguous_repeat);
    EXPECT_TRUE(study_regex("(?:a|A)+", {true, false, true, false}).has_ambiguous_repeat);
    EXPECT_FALSE(study_regex("(?:a|A)+", {false, false, true, false}).has_ambiguous_repeat);
    EXPECT_FALSE(study("(?:a|ab)+c").has_ambiguous_repeat) << "each text has one reading";
    EXPECT_FALSE(study("(?:a|aa)b").has_ambiguous_repeat);
    EXPECT_FALSE(study("(?:a|aa)++b").has_ambiguous_repeat);
    EXPECT_FALSE(study("(?>a|aa)+b").has_ambiguous_repeat);
}

TEST(Regex, RefusesWhatCannotBeCompiledAndNamesThePlace) {
    EXPECT_THAT(Regex::compile("a(b", "", true), FailsWith("character"));
    EXPECT_THAT(Regex::compile("a", "q", true), FailsWith("unknown flag 'q'"));
    EXPECT_THAT(Regex::compile("(a+)+", "", true), FailsWith("can stall"));
    EXPECT_THAT(Regex::compile("(?:a|aa|aaa)+(?:b|a)+", "", true), FailsWith("can stall"));
}

Regex::Found find(std::string_view pattern, std::string_view text) {
    RegexScratch scratch;
    return Regex::compile(pattern, "", true)->find(text, {0, text.size()}, scratch);
}

TEST(Regex, FindsTheFirstMatch) {
    const auto found = find("b+", "aabbb");
    EXPECT_EQ(found.outcome, Regex::Outcome::yes);
    EXPECT_EQ(found.begin, 2U);
    EXPECT_EQ(found.end, 5U);
    EXPECT_EQ(find("x", "aabbb").outcome, Regex::Outcome::no);
    EXPECT_EQ(find("^$", "").outcome, Regex::Outcome::yes);
}

TEST(Regex, GivesUpInsteadOfStalling) {
    const std::string text = std::string(200, 'a') + "!";
    EXPECT_EQ(find("^(?:a|aa){1,150}$", text).outcome, Regex::Outcome::limit);
}

TEST(Regex, FindsMatchesAcrossPieces) {
    std::string text(Regex::kPiece - 3, 'x');
    text += "needle in hay";
    text += std::string(3 * Regex::kPiece, 'y');
    EXPECT_EQ(find("needle in hay", text).begin, Regex::kPiece - 3);
    EXPECT_EQ(find("^y", text).outcome, Regex::Outcome::no);
    EXPECT_EQ(find("hay$", text).outcome, Regex::Outcome::no);
    EXPECT_EQ(find("y$", text).end, text.size());
}

TEST(Regex, BeginsWhereItMayAndSeesWhatStandsAround) {
    const auto regex = Regex::compile("\\bcat", "", true);
    RegexScratch scratch;
    const std::string_view text = "concat cat";
    EXPECT_EQ(regex->find(text, {3, 6}, scratch).outcome, Regex::Outcome::no);
    EXPECT_EQ(regex->find(text, {3, 10}, scratch).begin, 7U);
    EXPECT_EQ(regex->find(text, {3, 7}, scratch).end, 10U);
}

TEST(Regex, DoesNotCutCharacters) {
    std::string text;
    while (text.size() < 4 * Regex::kPiece) text += "\u20ac";
    EXPECT_EQ(find("z", text).outcome, Regex::Outcome::no);
    EXPECT_EQ(find("\u20ac{5}$", text).end, text.size());
}

}  // namespace
}  // namespace cordon
