// SPDX-License-Identifier: GPL-2.0-only
// Events of learning as another host, or whoever may write to the shared store, put them there:
// what is taken is plausible and reads the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/store/event_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto event = cordon::decode_event(bytes);
    if (!event) return 0;
    if (!cordon::is_plausible(*event)) std::abort();
    if (cordon::encode_event(*event) != bytes) std::abort();
    return 0;
}
