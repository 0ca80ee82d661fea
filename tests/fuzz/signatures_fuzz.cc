// SPDX-License-Identifier: GPL-2.0-only
// DKIM signatures and sets of ARC in a message, hashed, sent over the wire and verified.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "scoring/analysis/signatures.h"
#include "scoring/lookups/arc.h"
#include "scoring/lookups/zone_resolver.h"
#include "scoring/scanner/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string message(reinterpret_cast<const char*>(data), size);
    auto facts = cordon::read_signatures(message);
    cordon::Analysis analysis;
    analysis.signatures = std::move(facts.dkim);
    analysis.arc = std::move(facts.arc);
    const auto sent = cordon::decode_analysis(cordon::encode(analysis));
    if (!sent) std::abort();
    static const auto kZone = cordon::ZoneResolver::parse(
        R"({"*.example": {"TXT": "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}})");
    cordon::Lookups lookups(*kZone);
    for (const auto& signature : sent->signatures)
        if (!cordon::verify_signature(signature, 1, lookups)) std::abort();
    if (!cordon::verify_arc(sent->arc, 1, lookups)) std::abort();
    return 0;
}
