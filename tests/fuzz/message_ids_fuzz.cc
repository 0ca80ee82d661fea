// SPDX-License-Identifier: GPL-2.0-only
// Message ids in the fields of a reply, as anybody may write them: bounded in number and length.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "milter/mail_memory.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto ids =
        cordon::message_ids(std::string_view(reinterpret_cast<const char*>(data), size), 20);
    if (ids.size() > 20) std::abort();
    for (const auto& id : ids)
        if (id.size() > 250 || id.front() != '<' || id.back() != '>') std::abort();
    return 0;
}
