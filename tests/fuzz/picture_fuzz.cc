// SPDX-License-Identifier: GPL-2.0-only
// Attached pictures and the QR codes in them: whatever the bytes are, within the bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/analysis/qr_codes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kMaxPixels = 1U << 18U;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto picture = cordon::decode_picture(bytes, kMaxPixels);
    if (!picture) return 0;
    if (picture->pixels.size() != picture->width * picture->height) std::abort();
    if (picture->pixels.size() > kMaxPixels) std::abort();
    for (const auto& text : cordon::QrReader().texts_in(*picture))
        if (text.size() > 3 * 4096) std::abort();
    return 0;
}
