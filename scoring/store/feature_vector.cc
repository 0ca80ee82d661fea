// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/feature_vector.h"

#include <fmt/format.h>

#include <optional>

namespace cordon {

namespace {

void put(std::string& out, std::uint32_t value) {
    for (; value >= 0x80U; value >>= 7U) out += static_cast<char>(value | 0x80U);
    out += static_cast<char>(value);
}

std::optional<std::uint32_t> take(std::string_view& bytes) {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 28U && !bytes.empty(); shift += 7U) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        value |= (byte & 0x7FU) << shift;
        if (byte < 0x80U) return value;
    }
    return std::nullopt;
}

}  // namespace

std::string encode_features(const FeatureVector& features) {
    std::string out;
    out.reserve(2 * features.size() + 8);
    put(out, kFeatureVersion);
    put(out, static_cast<std::uint32_t>(features.size()));
    std::uint32_t before = 0;
    for (const auto place : features) {
        put(out, place - before);
        before = place;
    }
    return out;
}

Result<FeatureVector> decode_features(std::string_view bytes) {
    const auto version = take(bytes);
    if (!version) return fail("features: empty or cut");
    if (*version != kFeatureVersion)
        return fail(fmt::format("features of version {}, this is {}", *version, kFeatureVersion));
    const auto count = take(bytes);
    if (!count || *count > kMaxFeatures) return fail("features: an impossible number of them");
    FeatureVector out;
    out.reserve(*count);
    std::uint32_t place = 0;
    for (std::uint32_t i = 0; i < *count; ++i) {
        const auto step = take(bytes);
        if (!step || (*step == 0 && i > 0)) return fail("features: cut or not in order");
        place += *step;
        if (place >= kFeatureSpace) return fail("features: outside the table");
        out.push_back(place);
    }
    if (!bytes.empty()) return fail("features: more than announced");
    return out;
}

}  // namespace cordon
