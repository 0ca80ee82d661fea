// SPDX-License-Identifier: GPL-2.0-only
// The head of a held message and the keeper's records: what is read writes itself again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "quarantine/keeper/protocol.h"
#include "quarantine/vault/held_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static_cast<void>(!cordon::decode_hold(bytes));
    static_cast<void>(!cordon::decode_answer(bytes));
    std::size_t head_bytes = 0;
    const auto message = cordon::decode_head(bytes, head_bytes);
    if (!message) return 0;
    if (head_bytes > size || !cordon::is_message_id(message->id)) std::abort();
    const auto head = cordon::encode_head(*message);
    const auto again = cordon::decode_head(head, head_bytes);
    if (!again || head_bytes != head.size() || cordon::encode_head(*again) != head) std::abort();
    return 0;
}
