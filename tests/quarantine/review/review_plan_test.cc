// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/review/review_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace cordon {
namespace {

using Kind = Step::Kind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Sighting item_in(Place place, std::uint32_t uid = 1) {
    return {place, 0, uid, true};
}
constexpr Sighting native(std::uint32_t uid = 1) {
    return {Place::arrivals, 0, uid, false};
}

ItemRecord record_of(ItemState state, std::optional<Place> filed_at) {
    return {state, false, filed_at};
}
const ItemRecord kNew = record_of(ItemState::held, std::nullopt);
const ItemRecord kHeld = record_of(ItemState::held, Place::held);

TEST(PlanItem, TurnsAnArrivalIntoAReviewItem) {
    EXPECT_THAT(plan_item(kNew, {native()}, false),
                ElementsAre(Step{Kind::store, Place::held}, Step{Kind::mark, Place::held},
                            Step{Kind::remove, Place::arrivals, native()}));
}

TEST(PlanItem, WaitsForTheNativeCopyUntilItIsLate) {
    EXPECT_THAT(plan_item(kNew, {}, false), IsEmpty());
    EXPECT_THAT(plan_item(kNew, {}, true),
                ElementsAre(Step{Kind::store, Place::held}, Step{Kind::mark, Place::held}));
}

TEST(PlanItem, TakesAnItemOfAnInterruptedRunForIts) {
    EXPECT_THAT(
        plan_item(kNew, {item_in(Place::held), native()}, true),
        ElementsAre(Step{Kind::mark, Place::held}, Step{Kind::remove, Place::arrivals, native()}));
}

TEST(PlanItem, KeepsAnInfectedOneApart) {
    EXPECT_THAT(plan_item({ItemState::held, true, std::nullopt}, {}, true),
                ElementsAre(Step{Kind::store, Place::infected}, Step{Kind::mark, Place::infected}));
}

TEST(PlanItem, DoesNothingWhenEverythingIsInItsPlace) {
    EXPECT_THAT(plan_item(kHeld, {item_in(Place::held)}, true), IsEmpty());
}

TEST(PlanItem, TakesNothingAwayOfWhatTheVaultCannotGive) {
    auto record = record_of(ItemState::failed, Place::release);
    record.is_unreadable = true;
    EXPECT_THAT(plan_item(record, {item_in(Place::release), native()}, true),
                ElementsAre(Step{Kind::move, Place::failed, item_in(Place::release)},
                            Step{Kind::mark, Place::failed}));
    EXPECT_THAT(plan_item(record, {native()}, true), IsEmpty());
}

TEST(PlanItem, LeavesAnItemDeletedByAPersonDeleted) {
    EXPECT_THAT(plan_item(kHeld, {}, true), IsEmpty());
}

TEST(PlanItem, RemovesANativeCopyThatComesLate) {
    EXPECT_THAT(plan_item(kHeld, {item_in(Place::held), native(7)}, true),
                ElementsAre(Step{Kind::remove, Place::arrivals, native(7)}));
}

TEST(PlanItem, OrdersTheReleaseOfWhatWasMovedThere) {
    EXPECT_THAT(
        plan_item(kHeld, {item_in(Place::release)}, true),
        ElementsAre(Step{Kind::mark, Place::release}, Step{Kind::order_release, Place::release}));
}

TEST(PlanItem, OrdersOneReleaseOfWhatWasCopiedToBoth) {
    const std::vector<Sighting> both{item_in(Place::held), item_in(Place::release),
                                     item_in(Place::spam)};
    EXPECT_THAT(
        plan_item(kHeld, both, true),
        ElementsAre(Step{Kind::mark, Place::release}, Step{Kind::order_release, Place::release}));
}

TEST(PlanItem, AllowsTheSenderWhenMovedThere) {
    EXPECT_THAT(plan_item(kHeld, {item_in(Place::allow)}, true),
                ElementsAre(Step{Kind::mark, Place::allow}, Step{Kind::order_allow, Place::allow}));
}

TEST(PlanItem, ConfirmsWhatWasMovedToSpam) {
    EXPECT_THAT(plan_item(kHeld, {item_in(Place::spam)}, true),
                ElementsAre(Step{Kind::order_spam, Place::spam}));
    const auto spam = record_of(ItemState::spam, Place::held);
    EXPECT_THAT(plan_item(spam, {item_in(Place::spam)}, true),
                ElementsAre(Step{Kind::mark, Place::spam}));
}

TEST(PlanItem, LetsAPersonChangeTheirMind) {
    EXPECT_THAT(
        plan_item(record_of(ItemState::filed, Place::released), {item_in(Place::spam)}, true),
        ElementsAre(Step{Kind::order_spam, Place::spam}));
    EXPECT_THAT(
        plan_item(record_of(ItemState::spam, Place::spam), {item_in(Place::release)}, true),
        ElementsAre(Step{Kind::mark, Place::release}, Step{Kind::order_release, Place::release}));
}

TEST(PlanItem, TouchesNothingWhileARelaseIsUnderWay) {
    EXPECT_THAT(plan_item(record_of(ItemState::sending, Place::release),
                          {item_in(Place::release), item_in(Place::spam), native()}, true),
                IsEmpty());
}

TEST(PlanItem, FilesWhatWasSent) {
    EXPECT_THAT(plan_item(record_of(ItemState::sent, Place::release),
                          {item_in(Place::held, 4), item_in(Place::release, 9)}, true),
                ElementsAre(Step{Kind::move, Place::released, item_in(Place::release, 9)},
                            Step{Kind::mark, Place::released},
                            Step{Kind::remove, Place::held, item_in(Place::held, 4)}));
}

TEST(PlanItem, DoesNotSendAgainWhatWasSent) {
    EXPECT_THAT(
        plan_item(record_of(ItemState::filed, Place::released), {item_in(Place::release, 9)}, true),
        ElementsAre(Step{Kind::move, Place::released, item_in(Place::release, 9)}));
}

TEST(PlanItem, ReplacesTheItemOfAFailureByOneWithTheNote) {
    EXPECT_THAT(
        plan_item(record_of(ItemState::failed, Place::release), {item_in(Place::release)}, true),
        ElementsAre(Step{Kind::store, Place::failed}, Step{Kind::mark, Place::failed},
                    Step{Kind::remove, Place::release, item_in(Place::release)}));
}

TEST(PlanItem, TriesAgainWhatWasMovedBackFromFailed) {
    EXPECT_THAT(
        plan_item(record_of(ItemState::failed, Place::failed), {item_in(Place::release)}, true),
        ElementsAre(Step{Kind::mark, Place::release}, Step{Kind::order_release, Place::release}));
}

TEST(PlanItem, TakesAwayWhatIsGone) {
    EXPECT_THAT(
        plan_item(record_of(ItemState::gone, Place::held), {item_in(Place::held), native()}, true),
        ElementsAre(Step{Kind::remove, Place::held, item_in(Place::held)},
                    Step{Kind::remove, Place::arrivals, native()}));
}

TEST(PlanItem, KeepsOneOfSeveralItems) {
    EXPECT_THAT(plan_item(kHeld, {item_in(Place::held, 9), item_in(Place::held, 4)}, true),
                ElementsAre(Step{Kind::remove, Place::held, item_in(Place::held, 9)}));
}

/// A mailbox, a keeper and an engine, of one message, that can stop at any step.
class World {
 public:
    explicit World(unsigned seed) : random_(seed) {
        seen_.push_back({Place::arrivals, 0, ++uid_, false});
    }

    /// What people and clients do: move, copy, delete, replay.
    void meddle() {
        constexpr std::array kPlaces = {Place::held, Place::release,  Place::allow,
                                        Place::spam, Place::released, Place::failed};
        if (seen_.empty()) return;
        const auto i = pick(seen_.size());
        const Sighting copy{kPlaces.at(pick(kPlaces.size())), 0, ++uid_, seen_[i].is_item};
        if (!copy.is_item) return;
        if (pick(2) == 0) seen_.erase(seen_.begin() + static_cast<std::ptrdiff_t>(i));
        seen_.push_back(copy);
    }

    void engine() {
        if (record.state != ItemState::sending) return;
        const bool is_good = pick(3) != 0;
        record.state = is_good ? ItemState::sent : ItemState::failed;
        if (is_good) ++sent;
    }

    /// One run of the agent, which may be cut after any step.
    bool review(bool may_stop) {
        const auto steps = plan_item(record, seen_, true);
        for (const auto& step : steps) {
            if (may_stop && pick(6) == 0) return false;
            carry_out(step);
        }
        return steps.empty();
    }

    std::size_t items() const {
        return static_cast<std::size_t>(
            std::count_if(seen_.begin(), seen_.end(), [](const auto& s) { return s.is_item; }));
    }
    const std::vector<Sighting>& seen() const { return seen_; }
    ItemRecord record = kNew;
    unsigned sent = 0;

 private:
    std::size_t pick(std::size_t n) { return random_() % n; }

    void carry_out(const Step& step) {
        switch (step.kind) {
            case Kind::store: seen_.push_back({step.place, 0, ++uid_, true}); return;
            case Kind::move:
                std::erase(seen_, step.what);
                seen_.push_back({step.place, 0, ++uid_, true});
                return;
            case Kind::remove: std::erase(seen_, step.what); return;
            case Kind::order_spam: record.state = ItemState::spam; return;
            case Kind::order_release:
            case Kind::order_allow:
                if (sent == 0) record.state = ItemState::sending;
                return;
            case Kind::mark:
                record.filed_at = step.place;
                if (record.state == ItemState::sent && step.place == Place::released)
                    record.state = ItemState::filed;
                return;
        }
    }

    std::mt19937 random_;
    std::uint32_t uid_ = 0;
    std::vector<Sighting> seen_;
};

TEST(PlanItem, ComesToRestWithOneItemWhateverPeopleClientsAndCrashesDo) {
    for (unsigned seed = 0; seed < 3000; ++seed) {
        World world(seed);
        for (int i = 0; i < 12; ++i) {
            world.review(true);
            if (i % 3 == 1) world.meddle();
            if (i % 4 == 2) world.engine();
        }
        int rounds = 0;
        while (!world.review(false) || world.record.state == ItemState::sending) {
            world.engine();
            ASSERT_LT(++rounds, 30) << "does not come to rest, seed " << seed;
        }
        ASSERT_EQ(world.seen().size(), 1U) << "seed " << seed;
        EXPECT_EQ(world.items(), 1U) << "seed " << seed;
        EXPECT_EQ(world.seen()[0].place, *place_of(world.record)) << "seed " << seed;
        EXPECT_LE(world.sent, 1U) << "seed " << seed;
    }
}

}  // namespace
}  // namespace cordon
