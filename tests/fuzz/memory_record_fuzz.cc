// SPDX-License-Identifier: GPL-2.0-only
// Changes of the memory of senders, and the whole of it, as another host, or whoever may write to
// the shared store, put them there: what is taken reads the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/store/memory_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto changes = cordon::decode_changes(bytes))
        if (cordon::encode_changes(*changes) != bytes) std::abort();
    const auto snapshot = cordon::decode_snapshot(bytes);
    if (!snapshot) return 0;
    const auto written = cordon::encode_snapshot(*snapshot);
    const auto again = cordon::decode_snapshot(written);
    if (!again || cordon::encode_snapshot(*again) != written) std::abort();
    return 0;
}
