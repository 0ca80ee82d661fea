// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/learner.h"

#include <algorithm>

#include "tests/support/matchers.h"

namespace cordon {
namespace {

/// Messages of two kinds: some features tell spam from ham, some stand in both.
LabelledFeatures message(std::uint32_t number, bool is_spam) {
    LabelledFeatures out;
    out.is_spam = is_spam;
    for (std::uint32_t i = 0; i < 20; ++i)
        out.features.push_back(
            feature_place(FeatureClass::plain, (std::uint64_t{i * 97 + number % 7} << 50U)));
    const std::uint64_t own = (is_spam ? 1U : 2U) + 4 * (number % 5);
    out.features.push_back(feature_place(FeatureClass::route, own << 46U));
    out.features.push_back(feature_place(FeatureClass::structure, own << 47U));
    std::sort(out.features.begin(), out.features.end());
    out.features.erase(std::unique(out.features.begin(), out.features.end()), out.features.end());
    return out;
}

double probability(const WeightTable& table, const LabelledFeatures& event) {
    return probability_of(table, raw_score(table, event.features));
}

struct Trained {
    TableMapping table = std::move(*TableMapping::make());
    Learner learner{*table};
    explicit Trained(std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i) learner.learn(message(i, i % 2 == 0));
    }
};

TEST(Learner, KnowsNothingAtFirst) {
    const auto table = TableMapping::make();
    ASSERT_TRUE(table);
    EXPECT_DOUBLE_EQ(probability(**table, message(1, true)), 0.5);
}

TEST(Learner, TellsSpamFromHamAfterSomeMessages) {
    const Trained it(60);
    EXPECT_GT(probability(*it.table, message(1, true)), 0.9);
    EXPECT_LT(probability(*it.table, message(1, false)), 0.1);
    EXPECT_EQ(it.table->spam, 30U);
    EXPECT_EQ(it.table->ham, 30U);
}

TEST(Learner, GivesTheSameTableForTheSameEvents) {
    const Trained a(700);
    const Trained b(700);
    EXPECT_EQ(snapshot_bytes(*a.table), snapshot_bytes(*b.table));
}

TEST(Learner, GoesOnFromASnapshotAsIfItHadNeverStopped) {
    const Trained whole(900);
    Trained first(500);
    Learner second(*first.table);
    for (std::uint32_t i = 0; i < 500; ++i) second.remember(message(i, i % 2 == 0));
    for (std::uint32_t i = 500; i < 900; ++i) second.learn(message(i, i % 2 == 0));
    EXPECT_EQ(snapshot_bytes(*whole.table), snapshot_bytes(*first.table));
}

/// Like mail: many words that both use, some more often than the other, none that only one has.
LabelledFeatures blurred(std::uint32_t number, bool is_spam) {
    LabelledFeatures out;
    out.is_spam = is_spam;
    std::uint64_t state = number * 2 + (is_spam ? 1 : 0) + 1;
    for (int i = 0; i < 30; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        const bool is_typical = (state >> 33U) % 10 < 6;
        const std::uint64_t word = (state >> 40U) % 400 * 2 + (is_typical == is_spam ? 1 : 0);
        out.features.push_back(feature_place(FeatureClass::plain, word << 48U));
    }
    std::sort(out.features.begin(), out.features.end());
    out.features.erase(std::unique(out.features.begin(), out.features.end()), out.features.end());
    return out;
}

/// Of 500 messages that were not learned, how many are taken for the other kind.
int mistaken(const WeightTable& table, bool is_spam) {
    int count = 0;
    for (std::uint32_t i = 10'000; i < 10'500; ++i)
        if ((probability(table, blurred(i, is_spam)) > 0.5) != is_spam) ++count;
    return count;
}

TEST(Learner, ForgetsNoFolderWhenTheNextOneIsLearned) {
    for (const bool is_spam_first : {false, true}) {
        Trained it(0);
        for (std::uint32_t i = 0; i < 1500; ++i) it.learner.learn(blurred(i, is_spam_first));
        for (std::uint32_t i = 0; i < 1500; ++i) it.learner.learn(blurred(i, !is_spam_first));
        EXPECT_LT(mistaken(*it.table, true), 200) << is_spam_first;
        EXPECT_LT(mistaken(*it.table, false), 200) << is_spam_first;
    }
}

TEST(Learner, KnowsWhatItLearnedBetterAfterGoingThroughItAgain) {
    Trained it(0);
    const auto go_through = [&](void (Learner::*learn)(const LabelledFeatures&)) {
        for (std::uint32_t i = 0; i < 600; ++i) (it.learner.*learn)(blurred(i % 300, i < 300));
    };
    const auto mistaken_of_learned = [&] {
        int count = 0;
        for (std::uint32_t i = 0; i < 600; ++i)
            if ((probability(*it.table, blurred(i % 300, i < 300)) > 0.5) != (i < 300)) ++count;
        return count;
    };
    go_through(&Learner::learn);
    const auto before = mistaken_of_learned();
    for (int pass = 1; pass < Learner::kPasses; ++pass) go_through(&Learner::learn_again);
    EXPECT_LT(mistaken_of_learned(), before);
    EXPECT_EQ(it.table->ham + it.table->spam, 600U) << "each counts once";
}

TEST(Learner, FollowsAChangeOfMind) {
    Trained it(100);
    auto corrected = message(2, true);
    corrected.is_spam = false;
    corrected.is_correction = true;
    it.learner.learn(corrected);
    EXPECT_LT(probability(*it.table, corrected), 0.5);
    EXPECT_EQ(it.table->spam, 49U);
    EXPECT_EQ(it.table->ham, 51U);
}

TEST(Learner, BelievesAutomaticLabelsLess) {
    Trained person(0);
    Trained automatic(0);
    auto event = message(1, true);
    person.learner.learn(event);
    event.origin = LabelOrigin::automatic;
    automatic.learner.learn(event);
    EXPECT_GT(raw_score(*person.table, event.features),
              raw_score(*automatic.table, event.features));
}

TEST(Learner, LeavesTheTableAloneForAMessageWithoutFeatures) {
    Trained it(10);
    const auto before = snapshot_bytes(*it.table);
    it.learner.learn({{}, true, LabelOrigin::person, false});
    EXPECT_EQ(snapshot_bytes(*it.table), before);
}

}  // namespace
}  // namespace cordon
