// SPDX-License-Identifier: GPL-2.0-only
// Header fields in search of forged copies of ours.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "conf/base/text.h"
#include "milter/spam_headers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (cordon::authserv_id_of(bytes).size() > size) std::abort();
    cordon::ForgedHeaders forged("mx.example.org");
    std::size_t fields = 0;
    for (const auto line : cordon::split(bytes, '\n')) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        forged.see(line.substr(0, colon), line.substr(colon + 1));
        ++fields;
    }
    const auto removals = forged.removals();
    if (removals.size() > fields) std::abort();
    for (const auto& removal : removals)
        if (removal.index < 1 || static_cast<std::size_t>(removal.index) > fields) std::abort();
    return 0;
}
