// SPDX-License-Identifier: GPL-2.0-only
// The canonical forms of RFC 6376 section 3.4, exact to the byte on what the MTA handed over: lines
// end in CRLF, anything else is content. No copies of bodies are made.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>
#include <vector>

#include "conf/base/owned.h"

namespace cordon {

struct RawField {
    std::string_view name;  // as received, without the blanks before the colon
    std::string_view text;  // the whole field, without the last CRLF
};

/// Header and body of a message.
struct RawMessage {
    std::vector<RawField> fields;
    std::string_view body;
};
RawMessage split_message(std::string_view bytes, std::size_t max_fields);

/// Without the last CRLF.
std::string canonical_field(std::string_view field, bool is_relaxed);

class Sha256 {
 public:
    Sha256();
    void add(std::string_view bytes);
    std::string finish();  // 32 raw bytes

 private:
    Owned<EVP_MD_CTX, EVP_MD_CTX_free> context_;
};

struct BodyHash {
    std::string digest;        // of the first `limit` bytes of the canonical body
    std::uint64_t length = 0;  // of the whole canonical body
};
BodyHash hash_body(std::string_view body, bool is_relaxed, std::uint64_t limit);

}  // namespace cordon
