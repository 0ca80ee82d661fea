// SPDX-License-Identifier: GPL-2.0-only
#include "milter/mail_memory.h"

#include <gmock/gmock.h>

#include "tests/support/builders.h"

namespace cordon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(MessageIds, AreTakenFromAFoldedField) {
    EXPECT_THAT(message_ids(" <1@a.example>\r\n\t<2@b.example> (said Ann)", 5),
                ElementsAre("<1@a.example>", "<2@b.example>"));
}

TEST(MessageIds, AreTheLastOnes) {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "<" + std::to_string(i) + "@x>";
    EXPECT_THAT(message_ids(many, 2), ElementsAre("<998@x>", "<999@x>"));
}

TEST(MessageIds, AreNothingThatIsCutOrLongOrBlank) {
    EXPECT_THAT(message_ids("<open", 5), IsEmpty());
    EXPECT_THAT(message_ids("<" + std::string(300, 'a') + ">", 5), IsEmpty());
    EXPECT_THAT(message_ids("<two words@x>", 5), IsEmpty());
    EXPECT_THAT(message_ids("", 5), IsEmpty());
}

Verdict verdict_of(double score, double learned) {
    Verdict out;
    out.score = score;
    out.learned = learned;
    return out;
}

TEST(BehaviourOf, LeavesOutWhatWasLearned) {
    const auto site = test::a_policy(4, 6, 15);
    EXPECT_EQ(behaviour_of(verdict_of(7, 0), site), true);
    EXPECT_EQ(behaviour_of(verdict_of(7, 6), site), false);
    EXPECT_EQ(behaviour_of(verdict_of(5, 0), site), std::nullopt);
    auto unread = verdict_of(0, 0);
    unread.unread.push_back({Unread::unscanned, ""});
    EXPECT_EQ(behaviour_of(unread, site), std::nullopt);
}

Evidence sent_by(const char* user) {
    auto evidence = test::clean_evidence();
    evidence.direction = Direction::outbound;
    evidence.envelope.auth_user = user;
    evidence.envelope.mail_from = "alice@example.org";
    return evidence;
}

TEST(IsLetter, IsMailOfSomebodyWhoLoggedIn) {
    const auto site = test::a_policy(4, 6, 15);
    EXPECT_TRUE(is_letter(sent_by("alice"), verdict_of(0, 0), site));
    EXPECT_FALSE(is_letter(sent_by(""), verdict_of(0, 0), site)) << "from own networks alone";
    EXPECT_FALSE(is_letter(sent_by("alice"), verdict_of(7, 0), site)) << "a stolen account";
    auto bounce = sent_by("alice");
    bounce.envelope.mail_from.clear();
    EXPECT_FALSE(is_letter(bounce, verdict_of(0, 0), site));
}

TEST(MailMemory, LeavesAKeeperThatIsNotThereUnknown) {
    const auto c = test::a_configuration("");
    auto evidence = test::clean_evidence();
    MailMemory().recall("/nowhere/keeper.sock", *c, evidence);
    EXPECT_FALSE(evidence.memory);
    ASSERT_EQ(evidence.unknown.size(), 1U);
    EXPECT_THAT(evidence.unknown.front(), ::testing::StartsWith("memory: "));
}

}  // namespace
}  // namespace cordon
