// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/review/user_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cordon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kHeld = RecipientState::held;
constexpr auto kSending = RecipientState::sending;
constexpr auto kSent = RecipientState::sent;
constexpr auto kFailed = RecipientState::failed;

TEST(PlanUser, StoresWhatIsHeldForHimOnce) {
    EXPECT_THAT(plan_user({{"a", {kHeld, false}}}, {}).stores, ElementsAre("a"));
    EXPECT_THAT(plan_user({{"a", {kHeld, false}}}, {{{"a", 1}}, {}}).stores, IsEmpty());
    EXPECT_THAT(plan_user({{"a", {kHeld, true}}}, {}).stores, IsEmpty());
}

TEST(PlanUser, TakesAnItemInReleaseForAWish) {
    const auto plan =
        plan_user({{"a", {kHeld, true}}, {"b", {kHeld, true}}}, {{{"b", 2}}, {{"a", 7}, {"a", 8}}});
    EXPECT_THAT(plan.orders, ElementsAre("a"));
    EXPECT_THAT(plan.stores, IsEmpty());
    EXPECT_THAT(plan.release_removals, IsEmpty());
}

TEST(PlanUser, IgnoresWhatIsNotHeldForHim) {
    const auto plan = plan_user({}, {{}, {{"secret", 7}, {"", 8}}});
    EXPECT_THAT(plan.orders, IsEmpty());
    EXPECT_THAT(plan.release_removals, ElementsAre(7));
}

TEST(PlanUser, WaitsWhileItIsOnItsWay) {
    const auto plan = plan_user({{"a", {kSending, true}}}, {{{"a", 1}}, {{"a", 7}}});
    EXPECT_THAT(plan.orders, IsEmpty());
    EXPECT_THAT(plan.release_removals, IsEmpty());
    EXPECT_THAT(plan.held_removals, ElementsAre(1));
}

TEST(PlanUser, RemovesWhatWasDeliveredOrIsGone) {
    const auto plan =
        plan_user({{"a", {kSent, true}}}, {{{"a", 1}, {"gone", 2}, {"", 3}}, {{"a", 7}}});
    EXPECT_THAT(plan.held_removals, ElementsAre(1, 2));
    EXPECT_THAT(plan.release_removals, ElementsAre(7));
}

TEST(PlanUser, BringsAFailureBackWithAnItemThatTellsOfIt) {
    const auto plan = plan_user({{"a", {kFailed, false}}}, {{}, {{"a", 7}}});
    EXPECT_THAT(plan.stores, ElementsAre("a"));
    EXPECT_THAT(plan.release_removals, ElementsAre(7));
    EXPECT_THAT(plan_user({{"a", {kFailed, true}}}, {{}, {{"a", 8}}}).orders, ElementsAre("a"));
}

TEST(PlanUser, KeepsOneOfTwoCopies) {
    const auto plan = plan_user({{"a", {kHeld, true}}}, {{{"a", 1}, {"a", 2}}, {}});
    EXPECT_THAT(plan.held_removals, ElementsAre(2));
}

TEST(UserFolderName, HasNoLevelsOfItsOwn) {
    EXPECT_EQ(user_folder_name("alice.b@example.org"), "alice·b@example·org");
    for (const char* address : {"a/b@example.org", "a%@example.org", "a*@example.org",
                                "a\u00B7b@example.org", "\"a\"@example.org", "alice", ""})
        EXPECT_EQ(user_folder_name(address), "") << address;
}

TEST(UserFolderName, IsReadBackFromTheServer) {
    EXPECT_EQ(user_folder_address("a&-b&ALc-c@example&ALc-org"), "a&b.c@example.org");
}

}  // namespace
}  // namespace cordon
