// SPDX-License-Identifier: GPL-2.0-only
// Replies of an SMTP server, seals and their folds: never more than the bounds, and the same
// however the bytes arrive.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "quarantine/release/release_header.h"
#include "quarantine/seal/key_file.h"
#include "quarantine/seal/seal.h"
#include "quarantine/smtp/smtp_reply.h"

namespace {

std::string read_in_pieces(std::string_view bytes, std::size_t piece) {
    cordon::SmtpReplyReader reader;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        const auto reply = reader.take(bytes.substr(at, piece));
        if (!reply) return "error";
        if (!*reply) continue;
        if ((*reply)->lines.size() > cordon::SmtpReplyReader::kMaxLines || (*reply)->code < 200 ||
            (*reply)->code > 599)
            std::abort();
        return (*reply)->text();
    }
    return "nothing";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (read_in_pieces(bytes, 1) != read_in_pieces(bytes, 3)) std::abort();
    static const cordon::SealKeys keys = {{"00000001", std::string(32, 'a'), 0}};
    if (cordon::is_seal_like(bytes) && cordon::open_seal(keys, cordon::unfolded_seal(bytes)))
        std::abort();  // nobody without the key makes one
    static_cast<void>(!cordon::decode_seal_keys(bytes));
    static_cast<void>(cordon::release_nonce(bytes));
    return 0;
}
