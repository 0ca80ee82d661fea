// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/digest/digest_token.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

const SealKey kKey{"0123abcd", std::string(32, 'k'), 1};
const SealKey kOther{"89abcdef", std::string(32, 'o'), 2};
const DigestClaim kClaim{DigestAction::release, "67a1b2c3", 2, 1'900'000'000};
constexpr auto kAlice = "<Alice@Example.org>";

DigestToken token_of(const std::string& text) {
    return find_digest_token(text).value_or(DigestToken{});
}

TEST(DigestToken, IsFoundInASubjectWithTheClaimThatItMakes) {
    const auto text = make_digest_token(kKey, kClaim, kAlice);
    for (const auto& subject : {text, "Re: " + text, "  " + text + "\t(sent from my phone)"}) {
        const auto token = find_digest_token(subject);
        ASSERT_TRUE(token) << subject;
        EXPECT_EQ(token->claim.id, "67a1b2c3");
        EXPECT_EQ(token->claim.number, 2U);
        EXPECT_EQ(token->claim.expires, 1'900'000'000);
        EXPECT_TRUE(is_genuine({kOther, kKey}, *token, kAlice));
    }
}

TEST(DigestToken, IsForItsRecipientWhateverTheSpelling) {
    const auto token = token_of(make_digest_token(kKey, kClaim, kAlice));
    EXPECT_TRUE(is_genuine({kKey}, token, "alice@example.org"));
    EXPECT_FALSE(is_genuine({kKey}, token, "<bob@example.org>"));
}

TEST(DigestToken, IsNothingUnderAnotherKeyOrNone) {
    const auto token = token_of(make_digest_token(kKey, kClaim, kAlice));
    EXPECT_FALSE(is_genuine({kOther}, token, kAlice));
    EXPECT_FALSE(is_genuine({}, token, kAlice));
}

TEST(DigestToken, IsNothingOnceAnyPartOfItWasChanged) {
    const auto text = make_digest_token(kKey, kClaim, kAlice);
    int refused = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char c : {'0', '1', 'a', '-', 'r', 'Z'}) {
            auto altered = text;
            if (altered[i] == c) continue;
            altered[i] = c;
            const auto token = find_digest_token(altered);
            EXPECT_FALSE(token && is_genuine({kKey}, *token, kAlice)) << altered;
            ++refused;
        }
    }
    EXPECT_GT(refused, 300);
}

TEST(DigestToken, HasOneSpelling) {
    const auto text = make_digest_token(kKey, kClaim, kAlice);
    const auto with = [&](const std::string& from, const std::string& to) {
        auto out = text;
        return out.replace(out.find(from), from.size(), to);
    };
    EXPECT_FALSE(find_digest_token(with("-2-", "-02-")));
    EXPECT_FALSE(find_digest_token(with("-2-", "-+2-")));
    EXPECT_FALSE(find_digest_token(with("CR1-", "cr1-")));
    EXPECT_FALSE(find_digest_token(with("CR1-r-", "CR1-x-")));
    EXPECT_FALSE(find_digest_token(text + "00"));
    EXPECT_FALSE(find_digest_token(text.substr(0, text.size() - 1)));
    EXPECT_FALSE(find_digest_token(with("67a1b2c3", "../../vault")));
    EXPECT_FALSE(find_digest_token(std::string(100'000, 'C')));
}

}  // namespace
}  // namespace cordon
