// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/judge/remembered.h"

#include <gmock/gmock.h>

#include "scoring/judge/self_teaching.h"
#include "scoring/rules/learning_rules.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using ::testing::ElementsAre;

Catalogue memory_catalogue() {
    return test::a_catalogue({{std::string(kKnownCorrespondent), -2.5},
                              {std::string(kReplyToOurMail), -2.5},
                              {std::string(kThreadNeverOurs), 0.8},
                              {std::string(kReputationGood), -1.5},
                              {std::string(kReputationBad), 2.5},
                              {"ONE", 4},
                              {"TWO", 4},
                              {"THREE", 4},
                              {"FOUR", 4},
                              {"GTUBE", 1000}});
}

/// Signed by the author's own domain.
Evidence proven(const char* address = "Ann@Example.net") {
    auto evidence = test::clean_evidence();
    evidence.content = Analysis{};
    evidence.content->authors = 1;
    evidence.content->from_address = address;
    evidence.content->from_domain = "example.net";
    DkimOutcome signature;
    signature.result = DkimResult::pass;
    signature.domain = "example.net";
    evidence.auth.dkim.push_back(signature);
    evidence.envelope.client = *IpAddress::parse("192.0.2.77");
    return evidence;
}

std::vector<std::string> rules_of(const Recollection& memory) {
    auto evidence = test::clean_evidence();
    evidence.memory = memory;
    std::vector<std::string> out;
    for (const auto& hit : judge(evidence, memory_catalogue()).hits)
        if (is_learning_rule(hit.rule)) out.push_back(hit.rule);
    return out;
}

TEST(IdentitiesOf, AreThoseThatWereProven) {
    EXPECT_THAT(identities_of(proven()),
                ElementsAre("author ann@example.net", "domain example.net", "network IPv4 c00002"));
    auto forged = proven();
    forged.auth.dkim.clear();
    EXPECT_THAT(identities_of(forged), ElementsAre("network IPv4 c00002"));
}

TEST(IdentitiesOf, NameTheDomainThatSignedWhenTheAuthorIsNot) {
    auto evidence = proven();
    evidence.auth.dkim[0].domain = "sender.example";
    EXPECT_THAT(identities_of(evidence),
                ElementsAre("domain sender.example", "network IPv4 c00002"));
    evidence.auth.dkim[0].is_partial = true;
    EXPECT_THAT(identities_of(evidence), ElementsAre("network IPv4 c00002"));
}

TEST(AddMemory, SpeaksForCorrespondentsAndTheirReplies) {
    Recollection memory;
    memory.is_correspondent = true;
    memory.is_reply = true;
    memory.names_own_thread = true;
    EXPECT_THAT(rules_of(memory), ElementsAre("KNOWN_CORRESPONDENT", "REPLY_TO_OUR_MAIL"));
}

TEST(AddMemory, NoticesAThreadThatNeverWas) {
    Recollection memory;
    memory.names_own_thread = true;
    EXPECT_THAT(rules_of(memory), ElementsAre("THREAD_NEVER_OURS"));
    memory.is_correspondent = true;
    EXPECT_THAT(rules_of(memory), ElementsAre("KNOWN_CORRESPONDENT"));
}

TEST(AddMemory, JudgesByTheNearestIdentityThatIsKnownWellEnough) {
    Recollection memory;
    memory.senders = {{"author a", 1, 2, 9}, {"domain b", 40, 0, 9}, {"network c", 0, 90, 9}};
    EXPECT_THAT(rules_of(memory), ElementsAre("REPUTATION_GOOD"));
    memory.senders = {{"author a", 1, 30, 9}, {"domain b", 40, 0, 9}};
    EXPECT_THAT(rules_of(memory), ElementsAre("REPUTATION_BAD"));
    memory.senders = {{"domain b", 20, 20, 9}};
    EXPECT_THAT(rules_of(memory), ElementsAre());
    memory.senders = {{"domain b", 0, 3, 9}};
    EXPECT_THAT(rules_of(memory), ElementsAre());
}

TEST(AddMemory, LetsAGoodNameTakeTime) {
    Recollection memory;
    memory.senders = {{"domain b", 90, 0, 2}};
    EXPECT_THAT(rules_of(memory), ElementsAre());
    memory.senders = {{"domain b", 0, 90, 0}};
    EXPECT_THAT(rules_of(memory), ElementsAre("REPUTATION_BAD"));
}

TEST(AddMemory, GivesNoNetworkAGoodName) {
    Recollection memory;
    memory.senders = {{"network c", 90, 0, 300}};
    EXPECT_THAT(rules_of(memory), ElementsAre());
    memory.senders = {{"network c", 0, 90, 300}};
    EXPECT_THAT(rules_of(memory), ElementsAre("REPUTATION_BAD"));
}

TEST(AddMemory, NeverRefusesAlone) {
    auto evidence = test::clean_evidence();
    evidence.memory.emplace();
    evidence.memory->senders = {{"domain b", 0, 90, 9}};
    const auto verdict = judge(evidence, memory_catalogue());
    EXPECT_EQ(verdict.learned, 2.5);
    EXPECT_NE(decide(verdict, evidence, test::a_policy(1, 1.5, 2), {}).action, Action::reject);
}

class ClearLabel : public ::testing::Test {
 protected:
    void hit(const char* rule) { evidence_.content->hits.push_back({rule, ""}); }
    std::optional<bool> label() const {
        return clear_label(evidence_, judge(evidence_, memory_catalogue()),
                           test::a_policy(4, 6, 15));
    }
    void hit_four() {
        for (const auto* const rule : {"ONE", "TWO", "THREE", "FOUR"}) hit(rule);
    }
    Evidence evidence_ = proven();
};

TEST_F(ClearLabel, IsSpamForSeveralReasonsThatRefuse) {
    hit("ONE");
    hit("TWO");
    hit("THREE");
    EXPECT_EQ(label(), std::nullopt);
    hit("FOUR");
    EXPECT_EQ(label(), true);
}

TEST_F(ClearLabel, IsNeverATest) {
    hit_four();
    hit("GTUBE");
    EXPECT_EQ(label(), std::nullopt);
}

TEST_F(ClearLabel, IsNothingThatWasNotReadInFull) {
    hit_four();
    evidence_.unread.push_back({Unread::unscanned, "a limit"});
    EXPECT_EQ(label(), std::nullopt);
}

TEST_F(ClearLabel, IsNothingAgainstTheClassifier) {
    hit_four();
    evidence_.content->opinion = Opinion{0.2, 900, 900, {}};
    EXPECT_EQ(label(), std::nullopt);
}

TEST_F(ClearLabel, IsNotHamForBeingUnlikeSpam) {
    EXPECT_EQ(label(), std::nullopt);
    evidence_.memory.emplace();
    EXPECT_EQ(label(), std::nullopt);
}

TEST_F(ClearLabel, IsHamFromAProvenCorrespondent) {
    evidence_.memory.emplace();
    evidence_.memory->is_correspondent = true;
    EXPECT_EQ(label(), false);
    evidence_.auth.dkim.clear();
    EXPECT_EQ(label(), std::nullopt) << "anybody could have written that name";
}

}  // namespace
}  // namespace cordon
