// SPDX-License-Identifier: GPL-2.0-only
// The right to release one held message for one recipient, as a word in the subject of an answer to
// a digest: CR1-r-ID-RECIPIENT-EXPIRES-MAC. The MAC (HMAC-SHA-256, cut to 128 bits) also covers the
// recipient's address. Only the keeper has the key. The word alone releases nothing: who shows it
// must be the recipient.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quarantine/seal/seal.h"

namespace cordon {

enum class DigestAction : char { release = 'r' };

struct DigestClaim {
    DigestAction action = DigestAction::release;
    std::string id;            // of the message
    std::uint32_t number = 0;  // of the recipient among those of the message
    std::int64_t expires = 0;  // seconds since the epoch
};

struct DigestToken {
    DigestClaim claim;
    std::string mac;
};

/// `path`: that recipient's, as the message was received for him.
std::string make_digest_token(const SealKey& key, const DigestClaim& claim, std::string_view path);

/// The first word that has the form of a token: what it claims, believed by nobody yet.
std::optional<DigestToken> find_digest_token(std::string_view subject);

std::string to_text(const DigestToken& token);

/// Whether one of the keys made it for this recipient. Says nothing of the time.
bool is_genuine(const SealKeys& keys, const DigestToken& token, std::string_view path);

}  // namespace cordon
