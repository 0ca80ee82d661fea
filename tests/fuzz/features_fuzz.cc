// SPDX-License-Identifier: GPL-2.0-only
// Features as they come over a socket or out of a database, and those that a hostile message has:
// always bounded, sorted, and given back as they were.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/analysis/features.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto features = cordon::decode_features(bytes)) {
        if (!std::is_sorted(features->begin(), features->end())) std::abort();
        const auto again = cordon::decode_features(cordon::encode_features(*features));
        if (!again || *again != *features) std::abort();
    }
    const auto message = cordon::Message::parse(bytes, cordon::Limits{});
    cordon::FeatureCollector collector(nullptr);
    cordon::tokenize(message, {}, {}, collector);
    if (!cordon::decode_features(cordon::encode_features(collector.features()))) std::abort();
    if (cordon::identity_of(message).size() != 64) std::abort();
    return 0;
}
