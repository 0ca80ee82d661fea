// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/rule_set.h"

#include <gtest/gtest.h>

#include <chrono>

#include "conf/base/file_descriptor.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

constexpr std::string_view kSamples = "hit = Body: yes\nmiss = Body: no\n";

class Rules : public testing::Test {
 protected:
    Result<RuleSet> load(std::string_view text) {
        path_ = folder_.write("test.rules", text);
        return RuleSet::load({folder_.path()}, true);
    }
    Result<RuleSet> load_rule(const std::string& when) {
        return load("[A_RULE]\ndescribe = words\nscore = 1\nwhen = " + when + "\n" +
                    std::string(kSamples));
    }
    Hits match(const RuleSet& rules, std::string_view bytes, const EnvelopeFacts& envelope = {}) {
        const Message message = Message::parse(bytes, Limits{});
        const SiteFacts site;
        Hits hits;
        rules.match({message, envelope, site}, hits);
        return hits;
    }
    bool is_hit(const std::string& when, std::string_view bytes,
                const EnvelopeFacts& envelope = {}) {
        const auto rules = load_rule(when);
        EXPECT_THAT(rules, IsOk());
        return rules && match(*rules, bytes, envelope).has("A_RULE");
    }

    test::TemporaryDirectory folder_;
    std::string path_;
};

TEST(RuleSet, NamesTheFolderThatIsMissingAndTheRemedy) {
    const auto rules = RuleSet::load({"/nonexistent/rules"}, false);
    ASSERT_FALSE(rules);
    EXPECT_EQ(rules.error().what,
              "/nonexistent/rules: no rules there; install Cordon as a whole, or set [rules] "
              "shipped to their folder");
}

TEST(ShippedRules, AllSamplesAreHitAndMissedAsTheySay) {
    const auto rules = RuleSet::load({"conf/rules"}, true);
    ASSERT_THAT(rules, IsOk());
    EXPECT_EQ(rules->test_samples(), std::vector<std::string>{});
    EXPECT_GE(rules->catalogue().all().size(), 150U);
    EXPECT_EQ(rules->catalogue().find("GTUBE")->score, 1000);
    EXPECT_NE(rules->catalogue().find("CLAM_MACROS"), nullptr);
    EXPECT_NE(rules->catalogue().find("RULE_LIMIT"), nullptr);
}

TEST(ShippedRules, NoRuleButGtubeReachesRejectByItself) {
    const auto rules = RuleSet::load({"conf/rules"}, false);
    ASSERT_THAT(rules, IsOk());
    for (const auto& [name, info] : rules->catalogue().all()) {
        // What was learned may hold a message by itself; decide() lets it refuse none.
        const double most = name == "GTUBE" ? 1000 : name == "CLASSIFIER_SPAM" ? 7 : 6;
        EXPECT_LE(info.score, most) << name;
    }
}

TEST_F(Rules, ReferToANumberThatStandsAboveByName) {
    const auto rules = load(
        "[_WORDS]\nvalue = kinds(body =~ /\\b(?:yes|no|maybe)\\b/i)\n"
        "[A_RULE]\ndescribe = words\nscore = 1\nwhen = _WORDS > 1 and body !~ /_WORDS/\n"
        "hit = Body: yes or no\nmiss = Body: yes\n");
    ASSERT_THAT(rules, IsOk());
    EXPECT_EQ(rules->test_samples(), std::vector<std::string>{});
}

TEST_F(Rules, RefuseANumberThatIsNone) {
    EXPECT_THAT(load("[_WORDS]\nvalue = body =~ /yes/\n"), FailsWith("test.rules:2: _WORDS: "));
    EXPECT_THAT(load("[WORDS]\nvalue = size\n"), FailsWith("test.rules:2: 'value' names a number"));
}

TEST_F(Rules, TellASampleThatDoesNotDoWhatItSays) {
    const auto rules = load(
        "[A_RULE]\ndescribe = words\nscore = 1\nwhen = body =~ /yes/\n"
        "hit = Body: no\nmiss = Body: yes\n");
    ASSERT_THAT(rules, IsOk());
    EXPECT_EQ(rules->test_samples(),
              (std::vector<std::string>{path_ + ":5: A_RULE misses its hit sample",
                                        path_ + ":6: A_RULE hits its miss sample"}));
}

TEST_F(Rules, AreRefusedWhenAKeyIsMissing) {
    EXPECT_THAT(load("[A_RULE]\nscore = 1\nwhen = has_html\nhit = Html: x\nmiss = Body: x\n"),
                FailsWith("test.rules:2: rule A_RULE has no 'describe'"));
    EXPECT_THAT(load("[A_RULE]\ndescribe = x\nwhen = has_html\nhit = Html: x\nmiss = Body: x\n"),
                FailsWith("has no 'score'"));
    EXPECT_THAT(load("[A_RULE]\ndescribe = x\nscore = 1\nwhen = has_html\nhit = Html: x\n"),
                FailsWith("has no 'miss'"));
    EXPECT_THAT(load("[A_RULE]\ndescribe = x\nscore = 1\n"), FailsWith("has no 'when'"));
}

TEST_F(Rules, AreRefusedWithFileAndLine) {
    EXPECT_THAT(load_rule("body =~ /(/"),
                FailsWith("test.rules:4: rule A_RULE: regular expression"));
    EXPECT_THAT(load_rule("colour"), FailsWith("test.rules:4: rule A_RULE: character 1"));
    EXPECT_THAT(load_rule("NO_SUCH_RULE"), FailsWith("no rule is named NO_SUCH_RULE"));
    EXPECT_THAT(load("[A_RULE]\nscores = 1\n"), FailsWith("test.rules:2: unknown key 'scores'"));
    EXPECT_THAT(load("[A_RULE]\nscore = much\n"), FailsWith("test.rules:2: expected a score"));
    EXPECT_THAT(load("[A_RULE]\nhit = a\\q\n"), FailsWith("unknown escape \\q"));
    EXPECT_THAT(load("[A_RULE]\nhit = @colour red\\nSubject: x\n"), FailsWith("unknown @colour"));
}

TEST_F(Rules, AreRefusedWhenTheyStandTwice) {
    const std::string rule =
        "describe = x\nscore = 1\nwhen = has_html\nhit = Html: x\nmiss = Body: x\n";
    EXPECT_THAT(load("[A_RULE]\n" + rule + "[B_RULE]\n" + rule + "[A_RULE]\n" + rule),
                FailsWith("A_RULE stands twice, first at "));
    EXPECT_THAT(load("[DATE_MISSING]\n" + rule), FailsWith("DATE_MISSING stands twice"));
    EXPECT_THAT(
        load("[_BLOCK]\nwhen = has_html\n[B_RULE]\n" + rule + "[_BLOCK]\nwhen = has_html\n"),
        FailsWith("_BLOCK stands twice"));
}

TEST_F(Rules, AreRefusedWhenTheyReferToThemselves) {
    EXPECT_THAT(load("[A_RULE]\ndescribe = x\nscore = 1\nwhen = B_RULE\n"
                     "[B_RULE]\ndescribe = x\nscore = 1\nwhen = not A_RULE\n"),
                FailsWith("refers to itself"));
}

TEST_F(Rules, ReferToRulesThatStandLaterAndToChecks) {
    const auto rules = load(
        "[A_RULE]\ndescribe = x\nscore = 1\nwhen = _LATER and DATE_MISSING\n"
        "[_LATER]\nwhen = subject =~ /sale/\n");
    ASSERT_THAT(rules, IsOk());
    const Message message = Message::parse("Subject: sale\n\n", Limits{});
    const EnvelopeFacts envelope;
    const SiteFacts site;
    Hits hits;
    run_checks({message, envelope, site}, hits);
    rules->match({message, envelope, site}, hits);
    EXPECT_TRUE(hits.has("A_RULE"));
    EXPECT_FALSE(hits.has("_LATER"));
    EXPECT_EQ(rules->catalogue().find("_LATER"), nullptr);
}

TEST_F(Rules, SeeDecodedHeadersAndTheVisibleText) {
    EXPECT_TRUE(is_hit("subject =~ /\u00fcber/", "Subject: =?utf-8?Q?=C3=BCber?=\n\nx\n"));
    EXPECT_TRUE(is_hit("body =~ /click here now/", "Subject: x\n\nclick\nhere   now\n"));
    EXPECT_FALSE(
        is_hit("body =~ /script/", "Content-Type: text/html\n\n<script>x</script><p>y</p>\n"));
    EXPECT_TRUE(is_hit("header(X-Odd) == \"Yes\"", "X-odd: yes\n\nx\n"));
    EXPECT_FALSE(is_hit("exists(header(X-Odd))", "X-Other: yes\n\nx\n"));
}

TEST_F(Rules, CountValuesMatchesAndKindsOfMatches) {
    EXPECT_TRUE(is_hit("count(header(Received)) == 2", "Received: a\nReceived: b\n\nx\n"));
    EXPECT_TRUE(is_hit("count(body =~ /o/) == 3", "Subject: x\n\no two o\n"));
    EXPECT_TRUE(is_hit("kinds(body =~ /\\bo\\w*/i) == 2", "Subject: x\n\no only O o\n"));
    EXPECT_TRUE(is_hit("count(body =~ /x*/) == 4", "Subject: x\n\nabc\n"));
}

TEST_F(Rules, SeeTheEnvelope) {
    EnvelopeFacts envelope;
    envelope.helo = "friend";
    EXPECT_TRUE(is_hit("helo == \"friend\" and is_null_sender", "Subject: x\n\nx\n", envelope));
    envelope.mail_from = "a@example.org\xff";
    EXPECT_TRUE(is_hit("mail_from =~ /^a@example\\.org/", "Subject: x\n\nx\n", envelope));
}

TEST_F(Rules, SayWhenTheyGiveUp) {
    const auto rules = load_rule("body =~ /^(?:a|aa){1,150}$/");
    ASSERT_THAT(rules, IsOk());
    const auto hits = match(*rules, "Subject: x\n\n" + std::string(200, 'a') + "!\n");
    EXPECT_TRUE(hits.has("RULE_LIMIT"));
    EXPECT_FALSE(hits.has("A_RULE"));
}

TEST_F(Rules, FindAllThatAFullSearchFindsThoughTheyLookOnlyAroundLiterals) {
    std::string text;
    for (int i = 0; i < 3000; ++i)
        text += i % 100 == 0 ? "see the offer now " : "nothing in this text ";
    EXPECT_TRUE(is_hit("count(body =~ /the offer\\b/) == 30", "Subject: x\n\n" + text + "\n"));
    EXPECT_TRUE(is_hit("count(body =~ /[o]ff[e]r|[^\\x{0}-\\x{ffff}]/) == 30",
                       "Subject: x\n\n" + text + "\n"));
}

TEST(ShippedRules, StayFastOnTextThatIsMadeOfTheirOwnWords) {
    const auto rules = RuleSet::load({"conf/rules"}, true);
    ASSERT_THAT(rules, IsOk());
    const std::string rule_text = read_file("conf/rules/body.rules", 1U << 20U).value();
    std::string bytes = "Subject: x\nContent-Type: text/plain\n\n";
    while (bytes.size() < 500'000) bytes += rule_text;
    const Message message = Message::parse(bytes, Limits{});
    const EnvelopeFacts envelope;
    const SiteFacts site;
    Hits hits;
    const auto begin = std::chrono::steady_clock::now();
    rules->match({message, envelope, site}, hits);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

// ---- what is counted where a long text says most ----

constexpr std::string_view kPhrases =
    "kinds(lead =~ /\\b(?:red apples|green pears|\\w{1,9} plums)\\b/i) > 2";

std::string padded(std::size_t before, std::size_t after) {
    std::string out = "Subject: x\n\n";
    for (std::size_t i = 0; i < before; i += 20) out += "nothing to be seen.\n";
    out += "Red apples, green pears and blue plums.\n";
    for (std::size_t i = 0; i < after; i += 20) out += "nothing to be seen.\n";
    return out;
}

TEST_F(Rules, CountPhrasesBehindMuchPadding) {
    for (const std::size_t before : {0U, 500U, 5990U, 6010U, 50'000U})
        EXPECT_TRUE(is_hit(std::string(kPhrases), padded(before, 10'000))) << before;
    EXPECT_TRUE(is_hit(std::string(kPhrases), padded(200'000, 0)));
}

TEST_F(Rules, DoNotCountPhrasesThatStandFarApart) {
    const std::string apart = "Subject: x\n\nred apples\n" + std::string(6000, '-') +
                              "\ngreen pears\n" + std::string(6000, '-') + "\nblue plums\n";
    EXPECT_FALSE(is_hit(std::string(kPhrases), apart));
    EXPECT_TRUE(is_hit("kinds(body =~ /red apples|green pears|blue plums/i) > 2", apart));
}

TEST_F(Rules, FindMatchesThatBeginFarBeforeTheirLiteral) {
    EXPECT_TRUE(is_hit("body =~ /\\bmy .{0,80}next of kin/",
                       "Subject: x\n\nmy dear and long lost friend, I am the next of kin\n"));
    EXPECT_TRUE(
        is_hit("count(body =~ /\\w{3} needle/) > 1", "Subject: x\n\none needle two needle\n"));
    EXPECT_FALSE(
        is_hit("count(body =~ /\\w{3} needle/) > 1", "Subject: x\n\n11 needle two needle\n"));
}

}  // namespace
}  // namespace cordon
