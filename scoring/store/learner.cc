// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/learner.h"

#include <algorithm>
#include <cmath>

namespace cordon {

namespace {

// Measured on mail in order of arrival: higher rates learn faster and believe wrong labels; with
// these, 5 % wrong labels cost a factor of two, and a hundred labels go far.
constexpr double kRate = 1.75;
constexpr double kYouthRate = 2.0;    // on top, fading
constexpr double kYouthFade = 100.0;  // messages until half of it is gone
constexpr double kAutomaticShare = 0.5;
constexpr double kCorrectionRate = 5.0;
constexpr int kCorrectionSteps = 8;
constexpr double kThick = 0.1;  // train when label and probability are further apart
// A message that contradicts everything learned may have the wrong label: it counts no more than
// one that was unclear.
constexpr double kLargestError = 0.5;
constexpr std::size_t kYoung = 300;        // messages: the first have to teach much
constexpr std::size_t kRepeatsYoung = 10;  // earlier messages repeated for each new one
constexpr std::size_t kRepeats = 3;
constexpr double kSlopeRate = 0.03;
constexpr double kOffsetRate = 0.02;
constexpr double kLeanRate = 0.02;
constexpr double kRun = 0.95;  // of lean: sixty of one label after both came alike
constexpr double kLargestRaw = 30;

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

double scale_of(const FeatureVector& features) {
    double square = 0;
    for (const auto place : features) {
        const double value = feature_value(place);
        square += value * value;
    }
    return square > 0 ? 1 / std::sqrt(square) : 0;
}

double weighted_sum(const WeightTable& table, const FeatureVector& features) {
    double sum = 0;
    for (const auto place : features)
        sum += static_cast<double>(feature_value(place)) * static_cast<double>(table.weight(place));
    return sum;
}

double bounded(double raw) {
    return std::isfinite(raw) ? std::clamp(raw, -kLargestRaw, kLargestRaw) : 0;
}

/// Which of the earlier messages to repeat: any fixed sequence will do, as long as it is the same
/// when the table is rebuilt.
std::size_t pick(std::uint64_t seed, std::size_t n) {
    std::uint64_t x = (seed + 1) * 0x9E3779B97F4A7C15ULL;
    x ^= x >> 31U;
    x *= 0xD6E8FEB86659FD93ULL;
    x ^= x >> 32U;
    return x % n;
}

/// A long run of one label: how often each comes can't be told from it.
bool is_run(const WeightTable& table) {
    return std::abs(table.lean) >= kRun;
}

}  // namespace

double raw_score(const WeightTable& table, const FeatureVector& features) {
    return bounded(weighted_sum(table, features) * scale_of(features));
}

double probability_of(const WeightTable& table, double raw) {
    return sigmoid(table.slope.load(std::memory_order_relaxed) * raw +
                   table.offset.load(std::memory_order_relaxed));
}

void Learner::step(const LabelledFeatures& event, double rate) {
    const double scale = scale_of(event.features);
    const double raw = bounded(weighted_sum(*table_, event.features) * scale);
    double error = (event.is_spam ? 1.0 : 0.0) - sigmoid(raw);
    if (std::abs(error) < kThick) return;
    if (rate < kCorrectionRate) error = std::clamp(error, -kLargestError, kLargestError);
    const double change = rate * error * scale;
    for (const auto place : event.features) {
        const double value = feature_value(place);
        table_->set_weight(
            place, static_cast<float>(static_cast<double>(table_->weight(place)) + change * value));
    }
}

void Learner::calibrate(double raw, bool is_spam) {
    constexpr double kFar = 8;
    table_->lean = table_->lean + kLeanRate * ((is_spam ? 1.0 : -1.0) - table_->lean);
    if (is_run(*table_)) return;
    const double error = (is_spam ? 1.0 : 0.0) - probability_of(*table_, raw);
    const double slope = table_->slope + kSlopeRate * error * std::clamp(raw, -kFar, kFar);
    table_->slope = std::clamp(slope, 0.2, 20.0);
    table_->offset = std::clamp(table_->offset + kOffsetRate * error, -10.0, 10.0);
}

void Learner::count(const LabelledFeatures& event) {
    (event.is_spam ? table_->spam : table_->ham).fetch_add(1);
    auto& other = event.is_spam ? table_->ham : table_->spam;
    if (event.is_correction && other > 0) other.fetch_sub(1);
}

void Learner::remember(const LabelledFeatures& event) {
    // A message whose label changed must not be repeated with the old one.
    for (auto& earlier : memory_of(!event.is_spam).events)
        if (event.is_correction && earlier.features == event.features) earlier.features.clear();
    auto& memory = memory_of(event.is_spam);
    if (memory.events.size() < kRemembered) {
        memory.events.push_back(event);
        return;
    }
    memory.events[memory.oldest] = event;
    memory.oldest = (memory.oldest + 1) % kRemembered;
}

void Learner::repeat(std::uint64_t number, double rate) {
    const double lean = table_->lean;
    const double opposite = lean < 0 ? 1 : 0;
    const double share = is_run(*table_) ? opposite : (1 + lean) / 2;  // of spam
    const bool is_spam = static_cast<double>(pick(number, 1000)) < 1000 * share;
    const auto& events = memory_of(memory_of(is_spam).events.empty() ? !is_spam : is_spam).events;
    const auto& earlier = events[pick(number + 7, events.size())];
    if (earlier.features.empty()) return;
    step(earlier, earlier.origin == LabelOrigin::automatic ? kRate * kAutomaticShare : rate);
}

void Learner::learn(const LabelledFeatures& event) {
    if (event.features.empty()) return;
    const double raw = raw_score(*table_, event.features);
    // A corrected message has been learned: its score is no longer that of an unknown one.
    if (!event.is_correction) calibrate(raw, event.is_spam);
    count(event);
    teach(event, table_->ham + table_->spam);
}

void Learner::learn_again(const LabelledFeatures& event) {
    if (event.features.empty()) return;
    calibrate(raw_score(*table_, event.features), event.is_spam);
    teach(event, table_->ham + table_->spam + ++again_);
}

void Learner::teach(const LabelledFeatures& event, std::uint64_t learned) {
    double rate = kRate + kYouthRate * kYouthFade / (kYouthFade + static_cast<double>(learned));
    if (event.origin == LabelOrigin::automatic) rate *= kAutomaticShare;
    if (!event.is_correction) step(event, rate);
    for (int i = 0; event.is_correction && i < kCorrectionSteps; ++i) step(event, kCorrectionRate);
    remember(event);
    const std::size_t repeats = learned < kYoung ? kRepeatsYoung : kRepeats;
    for (std::size_t i = 0; i < repeats; ++i) repeat(learned * kRepeatsYoung + i, rate);
}

}  // namespace cordon
