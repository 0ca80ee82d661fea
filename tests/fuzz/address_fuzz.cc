// SPDX-License-Identifier: GPL-2.0-only
// Address lists: ends, keeps its limit, gives valid UTF-8.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/message/address.h"
#include "scoring/message/charset.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto mailboxes = cordon::parse_mailboxes(bytes, 20);
    if (mailboxes.size() > 20) std::abort();
    for (const auto& mailbox : mailboxes) {
        if (!cordon::is_valid_utf8(mailbox.display_name)) std::abort();
        if (!cordon::is_valid_utf8(mailbox.address())) std::abort();
    }
    return 0;
}
