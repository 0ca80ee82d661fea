// SPDX-License-Identifier: GPL-2.0-only
#include "milter/digest_answer.h"

#include <gtest/gtest.h>

#include "quarantine/digest/digest_token.h"

namespace cordon {
namespace {

constexpr auto kAddress = "quarantine@example.org";

std::string a_token() {
    return make_digest_token({"0123abcd", std::string(32, 'k'), 1},
                             {DigestAction::release, "67a1b2c3", 0, 1'900'000'000},
                             "<alice@example.org>");
}

DigestAnswer an_answer(const std::string& subject) {
    DigestAnswer out;
    out.see("From", " alice@example.org");
    out.see("subject", " " + subject);
    return out;
}

bool is_automatic(const char* name, const char* value) {
    auto answer = an_answer(a_token());
    answer.see(name, value);
    return answer.is_automatic("<alice@example.org>");
}

TEST(DigestAnswer, IsMailToThatAddressAloneWithATokenInItsSubject) {
    const auto answer = an_answer(a_token());
    EXPECT_TRUE(answer.is_for(kAddress, {{"<Quarantine@Example.org>", ""}}));
    EXPECT_EQ(answer.token(), a_token());
    EXPECT_FALSE(answer.is_for(kAddress, {{"<bob@example.org>", ""}}));
    EXPECT_FALSE(
        answer.is_for(kAddress, {{"<quarantine@example.org>", ""}, {"<bob@example.org>", ""}}));
    EXPECT_FALSE(answer.is_for("", {{"<>", ""}}));
    EXPECT_FALSE(an_answer("Re: 3 messages").is_for(kAddress, {{"<quarantine@example.org>", ""}}));
}

TEST(DigestAnswer, OfAProgramDecidesNothing) {
    EXPECT_TRUE(is_automatic("Auto-Submitted", " auto-replied (vacation)"));
    EXPECT_TRUE(is_automatic("auto-submitted", " auto-generated"));
    EXPECT_TRUE(is_automatic("Precedence", " bulk"));
    EXPECT_TRUE(is_automatic("List-Id", " <staff.example.org>"));
    EXPECT_TRUE(an_answer(a_token()).is_automatic("<>"));
    EXPECT_FALSE(is_automatic("Auto-Submitted", " no"));
    EXPECT_FALSE(an_answer(a_token()).is_automatic("<alice@example.org>"));
}

Evidence from_outside() {
    Evidence out;
    out.content.emplace();
    out.content->authors = 1;
    out.content->from_address = "alice@example.org";
    out.content->from_domain = "example.org";
    out.auth.dmarc.emplace();
    out.auth.dmarc->result = DmarcOutcome::Result::pass;
    out.auth.dmarc->aligned = "dkim";
    return out;
}

TEST(ProofOfSender, IsALoginAnOwnNetworkOrAnAuthenticatedAuthor) {
    Evidence evidence;
    EXPECT_EQ(proof_of_sender(evidence, "<alice@example.org>"), "");
    evidence.direction = Direction::outbound;
    EXPECT_EQ(proof_of_sender(evidence, "<alice@example.org>"), "own network");
    evidence.envelope.auth_user = "alice";
    EXPECT_EQ(proof_of_sender(evidence, "<alice@example.org>"), "login alice");
    EXPECT_EQ(proof_of_sender(from_outside(), "<Alice@example.org>"), "authenticated author");
}

TEST(ProofOfSender, IsNoAuthorOfAnotherAddressOrWithoutAuthentication) {
    EXPECT_EQ(proof_of_sender(from_outside(), "<bob@example.org>"), "");
    EXPECT_EQ(proof_of_sender(from_outside(), "<>"), "");
    auto evidence = from_outside();
    evidence.auth.dmarc->result = DmarcOutcome::Result::fail;
    EXPECT_EQ(proof_of_sender(evidence, "<alice@example.org>"), "");
    evidence = from_outside();
    evidence.content->authors = 2;
    EXPECT_EQ(proof_of_sender(evidence, "<alice@example.org>"), "");
}

}  // namespace
}  // namespace cordon
