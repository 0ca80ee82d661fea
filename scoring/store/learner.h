// SPDX-License-Identifier: GPL-2.0-only
// The online learner: logistic regression over hashed features, trained only where the message was
// not clear already (thick threshold). Pure arithmetic over a table: the same events in the same
// order give the same table, which is how one is rebuilt.
//
// The probability is calibrated: slope and offset of a second, two-parameter regression learn what
// the raw score meant for messages that had not been learned when they were scored.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "scoring/store/feature_vector.h"
#include "scoring/store/weight_table.h"

namespace cordon {

/// Who says so. Automatic labels are believed least, a change of mind most.
enum class LabelOrigin : std::uint8_t { person = 1, automatic = 2 };

struct LabelledFeatures {
    FeatureVector features;
    bool is_spam = false;
    LabelOrigin origin = LabelOrigin::person;
    bool is_correction = false;  // the same message was learned with the other label before
};

/// Sum of the weights, scaled to the length of the message; what the calibration turns into a
/// probability.
double raw_score(const WeightTable& table, const FeatureVector& features);
double probability_of(const WeightTable& table, double raw);

/// Besides each message some earlier ones are repeated (rehearsal): measured on mail in order of
/// arrival it halves the errors on the same mail, and wrong labels weigh no more than without. In a
/// long run of one label, as when a folder is learned after another, those of the other label are
/// repeated, and the calibration rests: else the last folder would count more than the first.
class Learner {
 public:
    static constexpr std::size_t kRemembered = 1000;  // of each label

    /// `table` is borrowed. The last kRemembered events of each label that it contains must be
    /// shown by remember() first, in order.
    explicit Learner(WeightTable& table) : table_(&table) {}

    void remember(const LabelledFeatures& event);
    void learn(const LabelledFeatures& event);
    /// What was learned, once more: where all events are at hand, as in a first training or when
    /// the table is built anew, kPasses over them halve the errors on mail of the same kind.
    void learn_again(const LabelledFeatures& event);
    static constexpr int kPasses = 3;

 private:
    void teach(const LabelledFeatures& event, std::uint64_t learned);
    void step(const LabelledFeatures& event, double rate);
    void calibrate(double raw, bool is_spam);
    void count(const LabelledFeatures& event);

    struct Memory {
        std::vector<LabelledFeatures> events;
        std::size_t oldest = 0;
    };
    Memory& memory_of(bool is_spam) { return memories_[is_spam ? 1 : 0]; }
    void repeat(std::uint64_t number, double rate);

    WeightTable* table_;
    std::uint64_t again_ = 0;         // how many were learned once more
    std::array<Memory, 2> memories_;  // ham, spam
};

}  // namespace cordon
