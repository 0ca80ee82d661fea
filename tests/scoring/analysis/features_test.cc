// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/features.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "scoring/store/learner.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

class Tokens : public TokenSink {
 public:
    void token(TokenKind kind, std::string_view text) override {
        seen_.emplace_back(kind, std::string(text));
    }
    void grams(TokenKind, std::string_view text) override { gram_bytes += text.size(); }
    bool has(TokenKind kind, const std::string& text) const {
        return std::find(seen_.begin(), seen_.end(), std::pair(kind, text)) != seen_.end();
    }
    bool any_contains(const std::string& part) const {
        return std::any_of(seen_.begin(), seen_.end(), [&](const auto& token) {
            return token.second.find(part) != std::string::npos;
        });
    }
    std::size_t count() const { return seen_.size(); }
    std::size_t gram_bytes = 0;

 private:
    std::vector<std::pair<TokenKind, std::string>> seen_;
};

constexpr std::string_view kMail =
    "Received: from mail.example.net (mail.example.net [192.0.2.7])\r\n"
    "\tby mx.here.example with ESMTP for <secret@here.example>; Mon, 5 Jan 2026 10:00:00 +0000\r\n"
    "X-Spam-Flag: YES\r\n"
    "From: \"Pill Shop\" <sales@pills.example>\r\n"
    "To: secret@here.example\r\n"
    "Date: Mon, 5 Jan 2026 10:00:00 +0000\r\n"
    "Subject: =?utf-8?q?Cheap_P=C3=ADlls?=\r\n"
    "Message-ID: <123.abc@pills.example>\r\n"
    "\r\n"
    "Buy V1agra at http://shop.pills.example/order/now today\r\n";

TEST(Tokenize, SeesDecodedWordsLinksAndRelays) {
    Tokens t;
    tokenize(Message::parse(kMail, Limits{}), EnvelopeFacts{}, TokenLimits{}, t);
    EXPECT_TRUE(t.has(TokenKind::word, "v1agra"));
    EXPECT_TRUE(t.has(TokenKind::subject, "p\u00edlls"));
    EXPECT_TRUE(t.has(TokenKind::author, "from:sales@pills.example"));
    EXPECT_TRUE(t.has(TokenKind::link, "host:pills.example"));
    EXPECT_TRUE(t.has(TokenKind::route, "ip:192.0.2"));
}

TEST(Tokenize, LeavesOutRecipientsDatesAndTheWordsOfFilters) {
    Tokens t;
    tokenize(Message::parse(kMail, Limits{}), EnvelopeFacts{}, TokenLimits{}, t);
    EXPECT_FALSE(t.any_contains("secret"));
    EXPECT_FALSE(t.any_contains("2026"));
    EXPECT_FALSE(t.any_contains("Spam-Flag"));
}

TEST(Tokenize, BoundsAMailOfManyTokens) {
    std::string mail = "Subject: x\r\n\r\n";
    for (int i = 0; i < 200'000; ++i) mail += "w" + std::to_string(i) + " ";
    Tokens t;
    tokenize(Message::parse(mail, Limits{}), EnvelopeFacts{}, TokenLimits{}, t);
    EXPECT_LT(t.count(), 20'000U);
    EXPECT_LE(t.gram_bytes, 3 * TokenLimits{}.gram_bytes);
    FeatureCollector collector(nullptr);
    tokenize(Message::parse(mail, Limits{}), EnvelopeFacts{}, TokenLimits{}, collector);
    EXPECT_LE(collector.features().size(), kMaxFeatures);
}

TEST(Features, OfAnEmptyMailAreFewAndNoError) {
    FeatureCollector collector(nullptr);
    tokenize(Message::parse("", Limits{}), EnvelopeFacts{}, TokenLimits{}, collector);
    EXPECT_FALSE(collector.opinion());
    EXPECT_LT(collector.features().size(), 50U);
}

TEST(Features, TellTheTokensThatWeighedMostInWords) {
    auto table = std::move(*TableMapping::make());
    const Message message = Message::parse(kMail, Limits{});
    FeatureCollector before(nullptr);
    tokenize(message, EnvelopeFacts{}, TokenLimits{}, before);
    Learner(*table).learn({before.features(), true, LabelOrigin::person, false});
    FeatureCollector after(&*table);
    tokenize(message, EnvelopeFacts{}, TokenLimits{}, after);
    const auto opinion = after.opinion();
    ASSERT_TRUE(opinion);
    EXPECT_GT(opinion->probability, 0.5);
    EXPECT_NEAR(opinion->probability, probability_of(*table, raw_score(*table, after.features())),
                1e-5);
    ASSERT_FALSE(opinion->tokens.empty());
    EXPECT_GT(opinion->tokens[0].weight, 0);
}

TEST(Features, GiveNoOpinionWhileTheTableIsReplaced) {
    auto table = std::move(*TableMapping::make());
    table->change = 1;
    FeatureCollector collector(&*table);
    collector.token(TokenKind::word, "x");
    EXPECT_FALSE(collector.opinion());
}

TEST(Identity, IsThatOfTheMessageWhateverWasAddedOnTheWay) {
    const std::string copy = "Delivered-To: bob@here.example\r\n" + std::string(kMail);
    EXPECT_EQ(identity_of(Message::parse(kMail, Limits{})),
              identity_of(Message::parse(copy, Limits{})));
    std::string other(kMail);
    other.replace(other.find("today"), 5, "to-day");
    EXPECT_NE(identity_of(Message::parse(kMail, Limits{})),
              identity_of(Message::parse(other, Limits{})));
}

}  // namespace
}  // namespace cordon
