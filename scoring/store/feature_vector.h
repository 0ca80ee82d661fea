// SPDX-License-Identifier: GPL-2.0-only
// The features of one message as the learner keeps them: sorted, distinct places in the table of
// weights. They are hashes: a message can't be read back from them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

/// Raised when the same message gives other features: tables and events of another version are of
/// no use.
constexpr std::uint32_t kFeatureVersion = 1;

constexpr unsigned kFeatureBits = 20;
constexpr std::size_t kFeatureSpace = std::size_t{1} << kFeatureBits;
constexpr std::size_t kMaxFeatures = 8192;

using FeatureVector = std::vector<std::uint32_t>;

/// Kinds of features are of unequal use: the two upper bits of a place say how much one counts.
/// Characters are many and weak, the way that a message took is hard to forge. Measured on the
/// order of arrival of 15,000 messages; the figures hardly move between 0.2 and 0.5, 1 and 1.5.
enum class FeatureClass : std::uint8_t { gram, plain, route, structure };
constexpr std::array<float, 4> kClassValues = {0.2F, 1.0F, 1.3F, 0.7F};

constexpr std::uint32_t feature_place(FeatureClass kind, std::uint64_t hash) {
    constexpr unsigned kClassBits = 2;
    constexpr unsigned kHashBits = kFeatureBits - kClassBits;
    return (static_cast<std::uint32_t>(kind) << kHashBits) |
           static_cast<std::uint32_t>(hash >> (64U - kHashBits));
}
constexpr float feature_value(std::uint32_t place) {
    return kClassValues[place >> (kFeatureBits - 2U)];
}

/// Version, count and differences in 7-bit groups: about two bytes a feature.
std::string encode_features(const FeatureVector& features);
/// Refuses what is not sorted, too long, of another version or cut.
Result<FeatureVector> decode_features(std::string_view bytes);

}  // namespace cordon
