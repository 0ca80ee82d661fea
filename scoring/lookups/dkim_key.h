// SPDX-License-Identifier: GPL-2.0-only
// Key records of DKIM (RFC 6376 section 3.6.1, RFC 8301, RFC 8463) and verifying one hash with one
// key. Records are attacker text: sizes are checked before OpenSSL sees a number.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>

#include "conf/base/owned.h"
#include "conf/base/result.h"

namespace cordon {

struct DkimKey {
    Owned<EVP_PKEY, EVP_PKEY_free> key;
    bool is_ed25519 = false;
    unsigned bits = 0;
    bool is_testing = false;         // t=y
    bool wants_same_domain = false;  // t=s
};

/// Why a record gives no key, by the words of RFC 6376 section 6.1.2.
struct KeyProblem {
    std::string what;
    bool is_policy = false;  // a good key, but not by our standards: too short or too long
};

tl::expected<DkimKey, KeyProblem> parse_dkim_key(std::string_view record);

/// `digest`: the SHA-256 of what was signed.
bool verify_digest(const DkimKey& key, std::string_view digest, std::string_view signature);

}  // namespace cordon
