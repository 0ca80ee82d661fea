// SPDX-License-Identifier: GPL-2.0-only
// Hosts that share a log, without the store between them: the test carries events and tables.
#include <filesystem>

#include "scoring/store/learning_store.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

LearnEvent event(unsigned number, bool is_spam) {
    return {std::to_string(number), is_spam, LabelOrigin::person,
            encode_features({10 + number % 50, 1000 + (is_spam ? 1U : 0U), 300'000 + number % 7}),
            1000 + static_cast<std::int64_t>(number)};
}

class SharedStoreTest : public ::testing::Test {
 protected:
    std::unique_ptr<LearningStore> open(const char* name) {
        auto store = LearningStore::open(directory_.file(name), "");
        EXPECT_THAT(store, IsOk());
        EXPECT_THAT((*store)->share(), IsOk());
        return std::move(*store);
    }
    static LearnOutcome learn(LearningStore& store, const LearnEvent& event) {
        const auto outcomes = store.learn({&event, 1});
        EXPECT_THAT(outcomes, IsOk());
        return outcomes->at(0);
    }
    /// What the shared log would make of the events that wait in `store`.
    static std::vector<SpooledEvent> sent(LearningStore& store, std::uint64_t& number) {
        auto batch = store.waiting(0, 1000);
        EXPECT_THAT(batch, IsOk());
        for (auto& one : batch->events) one.number = ++number;
        EXPECT_THAT(store.note_sent(batch->last, 0), IsOk());
        return std::move(batch->events);
    }

    test::TemporaryDirectory directory_;
};

TEST_F(SharedStoreTest, SpoolsWhatItIsTaughtAndLearnsWhatTheLogSays) {
    const auto store = open("one");
    EXPECT_THAT(store->join("log"), IsOk());
    EXPECT_THAT(store->set_trainer(true), IsOk());
    EXPECT_EQ(learn(*store, event(1, true)), LearnOutcome::learned);
    EXPECT_EQ(store->counts().spam, 0U);
    std::uint64_t number = 0;
    EXPECT_THAT(store->consume(sent(*store, number)), IsOk());
    EXPECT_EQ(store->counts().spam, 1U);
    EXPECT_EQ(*store->position(), 1U);
}

TEST_F(SharedStoreTest, KnowsWhatWaitsAndWhatAnotherHostSaid) {
    const auto store = open("one");
    EXPECT_EQ(learn(*store, event(1, true)), LearnOutcome::learned);
    EXPECT_EQ(learn(*store, event(1, true)), LearnOutcome::known);
    EXPECT_EQ(learn(*store, event(1, false)), LearnOutcome::corrected);
    EXPECT_THAT(store->consume(std::vector{SpooledEvent{7, event(2, true)}}), IsOk());
    EXPECT_EQ(learn(*store, event(2, true)), LearnOutcome::known);
    EXPECT_EQ(store->waiting(0, 10)->waiting, 2U);
}

TEST_F(SharedStoreTest, TakesEachEventOfTheLogOnce) {
    const auto store = open("one");
    EXPECT_THAT(store->set_trainer(true), IsOk());
    const std::vector<SpooledEvent> events{{5, event(1, true)}, {6, event(2, false)}};
    EXPECT_THAT(store->consume(events), IsOk());
    EXPECT_THAT(store->consume(events), IsOk());
    EXPECT_EQ(store->counts().ham + store->counts().spam, 2U);
}

TEST_F(SharedStoreTest, GoesOnFromTheTableOfAnotherTrainer) {
    const auto one = open("one");
    const auto two = open("two");
    EXPECT_THAT(one->set_trainer(true), IsOk());
    std::vector<SpooledEvent> events;
    for (unsigned i = 1; i <= 60; ++i) events.push_back({i, event(i, i % 2 == 0)});
    const auto half = std::span(events).first(30);
    EXPECT_THAT(one->consume(half), IsOk());
    const auto published = one->table_bytes();
    EXPECT_THAT(two->consume(events), IsOk());
    EXPECT_EQ(two->counts().events, 0U) << "who does not train only keeps the log";
    EXPECT_THAT(two->take_table(published), IsOk());
    EXPECT_THAT(two->set_trainer(true), IsOk());
    EXPECT_THAT(one->consume(std::span(events).subspan(30)), IsOk());
    EXPECT_EQ(two->counts().ham, 30U);
    EXPECT_EQ(two->table_bytes(), one->table_bytes()) << "the same events in the same order";
}

TEST_F(SharedStoreTest, BringsWhatItHadLearnedIntoAnotherLog) {
    {
        auto store = LearningStore::open(directory_.file("one"), "");
        ASSERT_THAT(store, IsOk());
        learn(**store, event(1, true));
        learn(**store, event(2, true));
        learn(**store, event(2, false));
    }
    const auto store = open("one");
    EXPECT_THAT(store->join("log"), IsOk());
    const auto batch = store->waiting(0, 10);
    ASSERT_EQ(batch->events.size(), 2U);
    EXPECT_TRUE(batch->events[0].event.is_spam);
    EXPECT_FALSE(batch->events[1].event.is_spam) << "only the label that counts";
}

TEST_F(SharedStoreTest, FollowsNoLogAfterItLearnedByItself) {
    { EXPECT_THAT(open("one")->join("log"), IsOk()); }
    EXPECT_EQ(*open("one")->epoch(), "log");
    {
        auto store = LearningStore::open(directory_.file("one"), "");
        ASSERT_THAT(store, IsOk());
        learn(**store, event(1, true));
    }
    EXPECT_EQ(*open("one")->epoch(), "");
}

TEST_F(SharedStoreTest, RefusesADamagedTableAndKeepsItsOwn) {
    const auto store = open("one");
    const auto before = store->table_bytes();
    auto damaged = before;
    damaged[5000] = 'x';
    EXPECT_THAT(store->take_table(damaged), FailsWith("checksum"));
    EXPECT_THAT(store->take_table("short"), FailsWith("damaged"));
    EXPECT_EQ(store->table_bytes(), before);
}

TEST_F(SharedStoreTest, LeavesRebuildingToWhoTrains) {
    const auto store = open("one");
    EXPECT_THAT(store->rebuild(), FailsWith("another host"));
    EXPECT_THAT(store->set_trainer(true), IsOk());
    EXPECT_THAT(store->rebuild(), IsOk());
    EXPECT_EQ(store->rebuilds(), 1U);
}

TEST_F(SharedStoreTest, KeepsSentEventsAWhile) {
    const auto store = open("one");
    learn(*store, event(1, true));
    learn(*store, event(2, true));
    EXPECT_THAT(store->note_sent(1, 5000), IsOk());
    EXPECT_EQ(store->waiting(0, 10)->waiting, 1U) << "an old one that was sent is gone";
    EXPECT_THAT(store->note_sent(2, 500), IsOk());
    EXPECT_EQ(store->waiting(0, 10)->waiting, 1U) << "a new one is not";
    EXPECT_EQ(store->waiting(0, 10)->last, 2U);
}

TEST_F(SharedStoreTest, TakesAnotherNameWhenAsked) {
    const auto store = open("one");
    const auto name = *store->host_name(false);
    EXPECT_EQ(*store->host_name(false), name);
    EXPECT_NE(*store->host_name(true), name);
}

}  // namespace
}  // namespace cordon
