// SPDX-License-Identifier: GPL-2.0-only
// The head of a held message and the keeper's records: what is read writes itself again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "quarantine/journal/state_file.h"
#include "quarantine/keeper/hold_messages.h"
#include "quarantine/keeper/nonce_messages.h"
#include "quarantine/keeper/order_messages.h"
#include "quarantine/vault/held_message.h"

namespace {

template <typename T>
void decode(std::string_view bytes) {
    T value;
    if (!cordon::Decoder(bytes)(value).is_complete()) return;
    const auto written = cordon::Encoder()(value).take();
    T again;
    if (!cordon::Decoder(written)(again).is_complete() ||
        cordon::Encoder()(again).take() != written)
        std::abort();
}

void decode_all(std::string_view bytes) {
    decode<cordon::HoldRequest>(bytes);
    decode<cordon::OpenAnswer>(bytes);
    decode<cordon::ListRequest>(bytes);
    decode<cordon::ItemPage>(bytes);
    decode<cordon::EventsAnswer>(bytes);
    decode<cordon::OrderReleaseRequest>(bytes);
    decode<cordon::TakeOrderAnswer>(bytes);
    decode<cordon::RecordResultRequest>(bytes);
    decode<cordon::TakeNonceRequest>(bytes);
    static_cast<void>(cordon::decode_states("67a1b2c3", bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    decode_all(bytes);
    std::size_t head_bytes = 0;
    const auto message = cordon::decode_head(bytes, head_bytes);
    if (!message) return 0;
    if (head_bytes > size || !cordon::is_message_id(message->id)) std::abort();
    const auto head = cordon::encode_head(*message);
    const auto again = cordon::decode_head(head, head_bytes);
    if (!again || head_bytes != head.size() || cordon::encode_head(*again) != head) std::abort();
    return 0;
}
