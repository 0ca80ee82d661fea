// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/features.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "conf/base/digest.h"
#include "conf/base/text.h"
#include "scoring/store/learner.h"

namespace cordon {

namespace {

constexpr std::size_t kSlots = 2 * kMaxFeatures;  // at most half full
constexpr std::size_t kHeavyTokens = 10;
constexpr std::size_t kMaxTokenText = 60;
constexpr std::array<std::string_view, 10> kKindNames = {
    "word", "text", "subject", "title", "field", "header", "author", "route", "link", "structure"};

FeatureClass class_of(TokenKind kind) {
    switch (kind) {
        case TokenKind::gram: return FeatureClass::gram;
        case TokenKind::route: return FeatureClass::route;
        case TokenKind::structure: return FeatureClass::structure;
        default: return FeatureClass::plain;
    }
}

std::uint64_t mixed(std::uint64_t h) {
    h ^= h >> 32U;
    h *= 0xD6E8FEB86659FD93ULL;
    return h ^ (h >> 32U);
}

std::uint64_t seed_of(TokenKind kind) {
    return (static_cast<std::uint64_t>(kind) + 1) * 0x9E3779B97F4A7C15ULL;
}

/// Eight bytes at a time; not against an attacker, who gains nothing from two equal words.
std::uint64_t hash_of(TokenKind kind, std::string_view text) {
    constexpr std::uint64_t kFactor = 0xFF51AFD7ED558CCDULL;
    std::uint64_t h = seed_of(kind) ^ (text.size() * kFactor);
    while (!text.empty()) {
        std::uint64_t block = 0;
        const auto size = std::min<std::size_t>(text.size(), sizeof block);
        std::memcpy(&block, text.data(), size);
        h = (h ^ block) * kFactor;
        h ^= h >> 29U;
        text.remove_prefix(size);
    }
    return mixed(h) * kFactor;
}

}  // namespace

FeatureCollector::FeatureCollector(const WeightTable* table) : table_(table), slots_(kSlots, 0) {
    places_.reserve(2048);
    heavy_.reserve(kHeavyTokens + 1);
    if (table_ != nullptr) change_ = table_->change.load(std::memory_order_acquire);
}

bool FeatureCollector::insert(std::uint32_t place) {
    if (places_.size() >= kMaxFeatures) return false;
    std::size_t slot = (place * std::size_t{0x9E3779B1U} >> 7U) % kSlots;
    while (slots_[slot] != 0) {
        if (slots_[slot] == place + 1) return false;
        slot = (slot + 1) % kSlots;
    }
    slots_[slot] = place + 1;
    places_.push_back(place);
    return true;
}

void FeatureCollector::weigh(TokenKind kind, std::string_view text, std::uint32_t place) {
    const float value = feature_value(place);
    square_ += static_cast<double>(value * value);
    if (table_ == nullptr) return;
    const float weight = value * table_->weight(place);
    sum_ += static_cast<double>(weight);
    if (text.empty() || weight == 0) return;
    const bool is_full = heavy_.size() >= kHeavyTokens;
    if (is_full && std::abs(weight) <= std::abs(heavy_.back().weight)) return;
    if (is_full) heavy_.pop_back();
    Heavy token{weight, kind, std::string(text.substr(0, kMaxTokenText))};
    const auto at = std::find_if(heavy_.begin(), heavy_.end(), [weight](const Heavy& other) {
        return std::abs(other.weight) < std::abs(weight);
    });
    heavy_.insert(at, std::move(token));
}

void FeatureCollector::token(TokenKind kind, std::string_view text) {
    const auto place = feature_place(class_of(kind), hash_of(kind, text));
    if (insert(place)) weigh(kind, text, place);
}

void FeatureCollector::grams(TokenKind kind, std::string_view text) {
    const std::uint64_t seed = seed_of(kind);
    const auto feature_class = class_of(kind);
    for (std::size_t i = 0; i + 4 <= text.size(); ++i) {
        std::uint32_t four = 0;
        std::memcpy(&four, text.data() + i, sizeof four);
        const auto place = feature_place(
            feature_class, mixed((four ^ seed) * 0x9E3779B97F4A7C15ULL) * 0xFF51AFD7ED558CCDULL);
        if (insert(place)) weigh(kind, {}, place);
    }
}

FeatureVector FeatureCollector::features() const {
    FeatureVector out = places_;
    std::sort(out.begin(), out.end());
    return out;
}

std::optional<Opinion> FeatureCollector::opinion() const {
    if (table_ == nullptr || square_ <= 0) return std::nullopt;
    const double scale = 1 / std::sqrt(square_);
    const double raw = sum_ * scale;
    const double slope = table_->slope.load(std::memory_order_relaxed);
    Opinion out;
    out.probability = probability_of(*table_, std::clamp(raw, -30.0, 30.0));
    out.ham = table_->ham.load(std::memory_order_relaxed);
    out.spam = table_->spam.load(std::memory_order_relaxed);
    for (const auto& token : heavy_) {
        const auto kind = kKindNames[static_cast<std::size_t>(token.kind)];
        out.tokens.push_back({std::string(kind) + " " + printable(token.text, kMaxTokenText),
                              static_cast<double>(token.weight) * scale * slope});
    }
    std::atomic_thread_fence(std::memory_order_acquire);
    const bool is_torn =
        (change_ & 1U) != 0 || table_->change.load(std::memory_order_relaxed) != change_;
    if (is_torn || !std::isfinite(out.probability)) return std::nullopt;
    return out;
}

std::string identity_of(const Message& message) {
    std::string text;
    for (const auto* const name : {"Message-ID", "From", "Subject", "Date"}) {
        const HeaderField* const field = message.headers().first(name);
        text += field == nullptr ? std::string("-") : std::string(trim(unfold(field->value)));
        text += '\n';
    }
    for (const Part& part : message.parts()) {
        if (part.reading != 0 || part.is_multipart()) continue;
        text += sha256_hex(trim(part.bytes()));
        text += '\n';
    }
    return sha256_hex(text);
}

}  // namespace cordon
