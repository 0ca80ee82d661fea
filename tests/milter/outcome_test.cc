// SPDX-License-Identifier: GPL-2.0-only
#include "milter/outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cordon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Answer = Outcome::Answer;

std::vector<Decision> wishes(std::initializer_list<Action> actions) {
    std::vector<Decision> out;
    for (const auto action : actions) {
        Decision decision;
        decision.action = action;
        decision.reason = "reason " + std::to_string(out.size());
        out.push_back(decision);
    }
    return out;
}

std::vector<Action> actions(const std::vector<Decision>& decisions) {
    std::vector<Action> out;
    for (const auto& decision : decisions) out.push_back(decision.action);
    return out;
}

TEST(Combine, DeliversToThoseWhoAcceptOrTag) {
    auto decisions = wishes({Action::accept, Action::tag});
    const auto outcome = combine(decisions, true);
    EXPECT_EQ(outcome.answer, Answer::deliver);
    EXPECT_THAT(outcome.held, IsEmpty());
    EXPECT_THAT(outcome.discarded, IsEmpty());
}

TEST(Combine, HoldsForThoseWhoQuarantineOrReject) {
    auto decisions = wishes({Action::accept, Action::quarantine, Action::reject});
    const auto outcome = combine(decisions, true);
    EXPECT_EQ(outcome.answer, Answer::deliver);
    EXPECT_THAT(outcome.held, ElementsAre(1U, 2U));
    EXPECT_THAT(actions(decisions),
                ElementsAre(Action::accept, Action::quarantine, Action::quarantine));
}

TEST(Combine, RefusesWhenAllReject) {
    auto decisions = wishes({Action::reject, Action::reject});
    const auto outcome = combine(decisions, true);
    EXPECT_EQ(outcome.answer, Answer::reject);
    EXPECT_EQ(outcome.reason, &decisions[0]);
    EXPECT_THAT(outcome.held, IsEmpty());
}

TEST(Combine, RefusesForAllWhenOneRejectsAndNothingCanBeHeld) {
    auto decisions = wishes({Action::accept, Action::reject});
    const auto outcome = combine(decisions, false);
    EXPECT_EQ(outcome.answer, Answer::reject);
    EXPECT_EQ(outcome.reason->reason, "reason 1");
    EXPECT_THAT(actions(decisions), ElementsAre(Action::reject, Action::reject));
}

TEST(Combine, DefersForAllWhenOneDefers) {
    for (const auto other :
         {Action::accept, Action::tag, Action::quarantine, Action::reject, Action::discard}) {
        auto decisions = wishes({other, Action::defer});
        const auto outcome = combine(decisions, true);
        EXPECT_EQ(outcome.answer, Answer::defer);
        EXPECT_EQ(outcome.reason->reason, "reason 1");
        EXPECT_THAT(actions(decisions), ElementsAre(Action::defer, Action::defer));
    }
}

TEST(Combine, DiscardsWhenAllDiscard) {
    auto decisions = wishes({Action::discard, Action::discard});
    EXPECT_EQ(combine(decisions, true).answer, Answer::discard);
}

TEST(Combine, DropsOnlyThoseWhoDiscard) {
    auto decisions = wishes({Action::discard, Action::accept, Action::discard});
    const auto outcome = combine(decisions, true);
    EXPECT_EQ(outcome.answer, Answer::deliver);
    EXPECT_THAT(outcome.discarded, ElementsAre(0U, 2U));
}

TEST(Combine, NeverDropsForThoseWhoRejectOrHold) {
    auto decisions = wishes({Action::discard, Action::reject, Action::quarantine});
    const auto outcome = combine(decisions, true);
    EXPECT_EQ(outcome.answer, Answer::deliver);
    EXPECT_THAT(outcome.held, ElementsAre(1U, 2U));
    EXPECT_THAT(outcome.discarded, ElementsAre(0U));
}

TEST(Combine, TagsForARecipientWhoseMailCannotBeHeld) {
    auto decisions = wishes({Action::accept, Action::reject, Action::reject});
    decisions[1].can_hold = false;
    const auto outcome = combine(decisions, true);
    EXPECT_THAT(outcome.held, ElementsAre(2U));
    EXPECT_THAT(actions(decisions), ElementsAre(Action::accept, Action::tag, Action::quarantine));
}

}  // namespace
}  // namespace cordon
