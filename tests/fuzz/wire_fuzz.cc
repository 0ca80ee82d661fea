// SPDX-License-Identifier: GPL-2.0-only
// The records between the network side and the workers. What a decoder accepts, the encoder gives
// back in a form that is accepted again, and no control byte gets through.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/scanner/wire.h"

namespace {

bool has_control_byte(std::string_view text) {
    for (const char c : text) {
        if ((c >= 0 && c < ' ') || c == 0x7F) return true;
    }
    return false;
}

void check(bool is_right) {
    if (!is_right) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view record(reinterpret_cast<const char*>(data), size);
    if (const auto analysis = cordon::decode_analysis(record)) {
        check(!has_control_byte(analysis->subject) && !has_control_byte(analysis->from));
        for (const auto& url : analysis->urls) check(!has_control_byte(url));
        for (const auto& hit : analysis->hits) check(!has_control_byte(hit.rule + hit.detail));
        check(cordon::decode_analysis(cordon::encode(*analysis)).has_value());
    }
    if (const auto result = cordon::decode_antivirus(record)) {
        check(!has_control_byte(result->virus));
        check(cordon::decode_antivirus(cordon::encode(*result)).has_value());
    }
    if (const auto request = cordon::decode_request(record))
        check(cordon::decode_request(cordon::encode(*request)).has_value());
    return 0;
}
