// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/digest/digest_token.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "conf/base/mail_address.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::string_view kPrefix = "CR1-";
constexpr std::string_view kPurpose = "cordon digest token 1";  // apart from what the key seals
constexpr std::size_t kMacDigits = 32;
constexpr std::size_t kLongestToken = 200;

std::string hmac(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(),
               out.data(), &size) == nullptr)
        std::abort();  // what can't be computed must not be compared
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string claim_text(const DigestClaim& claim) {
    return fmt::format("{}{}-{}-{}-{}", kPrefix, static_cast<char>(claim.action), claim.id,
                       claim.number, claim.expires);
}

std::string mac_of(const SealKey& key, const DigestClaim& claim, std::string_view path) {
    const auto text = claim_text(claim) + "\n" + mailbox_key(without_brackets(path));
    return to_hex(hmac(hmac(key.secret, kPurpose), text)).substr(0, kMacDigits);
}

std::optional<DigestToken> read_token(std::string_view word) {
    if (word.size() > kLongestToken || !word.starts_with(kPrefix)) return std::nullopt;
    const auto fields = split(word.substr(kPrefix.size()), '-');
    if (fields.size() != 5 || fields[0] != "r" || !is_message_id(fields[1])) return std::nullopt;
    const auto number = parse_unsigned(fields[2]);
    const auto expires = parse_unsigned(fields[3]);
    const bool is_hex = fields[4].size() == kMacDigits &&
                        fields[4].find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (!number || *number > UINT32_MAX || !expires || *expires > INT64_MAX || !is_hex)
        return std::nullopt;
    DigestToken out{{DigestAction::release, std::string(fields[1]),
                     static_cast<std::uint32_t>(*number), static_cast<std::int64_t>(*expires)},
                    std::string(fields[4])};
    // One spelling a claim: "007" is none.
    if (to_text(out) != word) return std::nullopt;
    return out;
}

}  // namespace

std::string to_text(const DigestToken& token) {
    return claim_text(token.claim) + "-" + token.mac;
}

std::string make_digest_token(const SealKey& key, const DigestClaim& claim, std::string_view path) {
    return claim_text(claim) + "-" + mac_of(key, claim, path);
}

std::optional<DigestToken> find_digest_token(std::string_view subject) {
    for (const auto& word : words(subject.substr(0, 2 * kLongestToken)))
        if (auto token = read_token(word)) return token;
    return std::nullopt;
}

bool is_genuine(const SealKeys& keys, const DigestToken& token, std::string_view path) {
    bool out = false;
    for (const auto& key : keys) {
        const auto mac = mac_of(key, token.claim, path);
        out |= mac.size() == token.mac.size() &&
               ::CRYPTO_memcmp(mac.data(), token.mac.data(), mac.size()) == 0;
    }
    return out;
}

}  // namespace cordon
