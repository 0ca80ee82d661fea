// SPDX-License-Identifier: GPL-2.0-only
// X-Cordon-Seal: v1.KEYID.BASE64URL(nonce, AES-256-GCM(head of the held message, without report)).
// It travels with held mail whose recipients are all held; it can't be forged, read or altered, and
// lets another host, or a server whose vault is lost, open the item. What follows is text until a
// key has proved it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "conf/base/result.h"
#include "quarantine/vault/held_message.h"

namespace cordon {

constexpr std::string_view kSealHeader = "X-Cordon-Seal";
constexpr std::size_t kMaxSeal = 8000;  // bytes of a value

struct SealKey {
    std::string id;            // 8 hex digits
    std::string secret;        // 32 bytes
    std::int64_t made_at = 0;  // seconds since the epoch
};

/// The first key seals, all of them open.
using SealKeys = std::vector<SealKey>;

/// Empty when it would be too long even without its recipients. `is_complete` is false in the seal
/// when the recipients had to be left to the vault.
std::string make_seal(const SealKey& key, HeldMessage message);

struct UnsealedMessage {
    HeldMessage message;  // without its report
    bool is_complete = false;
};
/// The error says whether the key is unknown (is_unknown_key()) or the seal is none.
Result<UnsealedMessage> open_seal(const SealKeys& keys, std::string_view value);
bool is_unknown_key(const Error& error);

/// "v1.KEYID.…" of a length and an alphabet that could be one, folds and blanks aside.
bool is_seal_like(std::string_view value);
std::string unfolded_seal(std::string_view value);
/// As a header value of short lines, which any MTA passes on.
std::string folded_seal(std::string_view value);
/// The id of the key in a value that is like a seal.
std::string seal_key_id(std::string_view value);

/// Bytes of base64url without padding; nothing when it is none.
Result<std::string> from_base64url(std::string_view text);

}  // namespace cordon
