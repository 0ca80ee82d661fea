// SPDX-License-Identifier: GPL-2.0-only
// Records of DKIM keys and DMARC policies, and Authentication-Results: read, and written with what
// was read as what a sender chose.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "scoring/lookups/dkim_key.h"
#include "scoring/lookups/result_fields.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    static_cast<void>(cordon::parse_dkim_key(bytes));
    static_cast<void>(cordon::parse_dmarc_record(bytes));
    if (cordon::dmarc_passed_domain(bytes).size() > size) std::abort();
    cordon::Authentication auth;
    auth.spf = cordon::SpfOutcome{cordon::SpfResult::fail, bytes, bytes, bytes};
    auth.dkim.emplace_back();
    auth.dkim[0].domain = auth.dkim[0].selector = auth.dkim[0].reason = bytes;
    const auto field = cordon::results_field(auth, "mx.example", bytes, bytes);
    for (std::size_t i = 0; i < field.size(); ++i) {
        const auto c = static_cast<unsigned char>(field[i]);
        const bool is_fold = c == '\n' && i + 1 < field.size() && field[i + 1] == '\t';
        if ((c < 0x20 && !is_fold && c != '\t') || c > 0x7E) std::abort();
    }
    if (!cordon::dmarc_passed_domain(field).empty()) std::abort();  // nothing of it says so
    return 0;
}
