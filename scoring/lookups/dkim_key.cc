// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/dkim_key.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <optional>

#include "conf/base/text.h"
#include "scoring/lookups/tag_list.h"

namespace cordon {

namespace {

constexpr unsigned kLeastBits = 1024;  // RFC 8301 section 3.2
constexpr unsigned kMostBits = 8192;   // beyond 4096 we need not go
constexpr std::size_t kMaxExponentBytes = 8;
constexpr std::size_t kEd25519Bytes = 32;

constexpr char kSequence = 0x30;
constexpr char kInteger = 0x02;
constexpr char kBitString = 0x03;

/// DER as far as public keys need it: takes one element of this tag off the front.
std::optional<std::string_view> take(std::string_view& der, char tag) {
    if (der.size() < 2 || der[0] != tag) return std::nullopt;
    std::size_t length = static_cast<unsigned char>(der[1]);
    std::size_t head = 2;
    if (length >= 0x80) {
        const std::size_t bytes = length & 0x7FU;
        if (bytes == 0 || bytes > 3 || der.size() < 2 + bytes) return std::nullopt;
        length = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            length = length << 8U | static_cast<unsigned char>(der[2 + i]);
        head += bytes;
    }
    if (length > der.size() - head) return std::nullopt;
    const auto content = der.substr(head, length);
    der.remove_prefix(head + length);
    return content;
}

/// An unsigned number without leading zeros; empty is zero. Negative ones are nothing.
std::optional<std::string_view> take_number(std::string_view& der) {
    auto out = take(der, kInteger);
    if (!out || out->empty() || (out->front() & '\x80') != 0) return std::nullopt;
    while (!out->empty() && out->front() == '\0') out->remove_prefix(1);
    return out;
}

struct RsaNumbers {
    std::string_view modulus;
    std::string_view exponent;
};

/// Nearly everybody publishes a SubjectPublicKeyInfo, the RFC's text asks for the RSAPublicKey
/// inside.
std::optional<RsaNumbers> read_rsa(std::string_view der) {
    auto inside = take(der, kSequence);
    if (!inside) return std::nullopt;
    if (inside->starts_with(kSequence)) {
        if (!take(*inside, kSequence)) return std::nullopt;  // AlgorithmIdentifier
        auto bits = take(*inside, kBitString);
        if (!bits || !bits->starts_with('\0')) return std::nullopt;
        bits->remove_prefix(1);
        inside = take(*bits, kSequence);
        if (!inside) return std::nullopt;
    }
    const auto modulus = take_number(*inside);
    const auto exponent = take_number(*inside);
    if (!modulus || !exponent) return std::nullopt;
    return RsaNumbers{*modulus, *exponent};
}

unsigned bits_of(std::string_view number) {
    if (number.empty()) return 0;
    unsigned out = static_cast<unsigned>(number.size() - 1) * 8;
    for (unsigned first = static_cast<unsigned char>(number.front()); first != 0; first >>= 1U)
        ++out;
    return out;
}

using Bignum = Owned<BIGNUM, BN_free>;
Bignum bignum(std::string_view bytes) {
    return Bignum(::BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                              static_cast<int>(bytes.size()), nullptr));
}

EVP_PKEY* make_rsa(const RsaNumbers& numbers) {
    const auto n = bignum(numbers.modulus);
    const auto e = bignum(numbers.exponent);
    const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(::OSSL_PARAM_BLD_new());
    if (!n || !e || !builder ||
        ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return nullptr;
    const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(::OSSL_PARAM_BLD_to_param(builder.get()));
    const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
        ::EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || ::EVP_PKEY_fromdata_init(context.get()) != 1 ||
        ::EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return key;
}

tl::unexpected<KeyProblem> problem(std::string what, bool is_policy = false) {
    return tl::unexpected(KeyProblem{std::move(what), is_policy});
}

tl::expected<DkimKey, KeyProblem> read_key(std::string_view type, const std::string& bytes) {
    DkimKey out;
    if (type == "ed25519") {
        out.is_ed25519 = true;
        out.bits = 256;
        if (bytes.size() == kEd25519Bytes)
            out.key.reset(::EVP_PKEY_new_raw_public_key(
                EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(bytes.data()),
                bytes.size()));
    } else {
        const auto numbers = read_rsa(bytes);
        if (!numbers) return problem("key syntax error");
        out.bits = bits_of(numbers->modulus);
        if (out.bits < kLeastBits)
            return problem("a key of " + std::to_string(out.bits) + " bits is too short", true);
        if (out.bits > kMostBits)
            return problem("a key of " + std::to_string(out.bits) + " bits is too long", true);
        if (numbers->exponent.empty() || numbers->exponent.size() > kMaxExponentBytes)
            return problem("key syntax error");
        out.key.reset(make_rsa(*numbers));
    }
    if (!out.key) return problem("key syntax error");
    return out;
}

bool contains(const std::vector<std::string>& list, std::string_view wanted) {
    return std::any_of(list.begin(), list.end(),
                       [wanted](const auto& item) { return iequals(item, wanted); });
}

}  // namespace

tl::expected<DkimKey, KeyProblem> parse_dkim_key(std::string_view record) {
    const auto tags = TagList::parse(record);
    if (!tags) return problem("key syntax error");
    const auto* const version = tags->tag("v");
    if (version != nullptr && (version != &tags->tags().front() || version->value != "DKIM1"))
        return problem("a key of an unknown version");
    if (!tags->has("p")) return problem("key syntax error");
    if (tags->has("h") && !contains(colon_list(tags->value("h")), "sha256"))
        return problem("inappropriate hash algorithm");
    const auto services = colon_list(tags->value("s", "*"));
    if (!contains(services, "*") && !contains(services, "email"))
        return problem("a key that is not for mail");
    const auto type = lower(tags->value("k", "rsa"));
    if (type != "rsa" && type != "ed25519") return problem("a key of an unknown type");
    if (tags->value("p").empty()) return problem("key revoked");
    const auto bytes = decode_base64(tags->value("p"));
    if (!bytes) return problem("key syntax error");
    auto out = read_key(type, *bytes);
    if (!out) return out;
    const auto flags = colon_list(tags->value("t"));
    out->is_testing = contains(flags, "y");
    out->wants_same_domain = contains(flags, "s");
    return out;
}

bool verify_digest(const DkimKey& key, std::string_view digest, std::string_view signature) {
    const auto* const hash = reinterpret_cast<const unsigned char*>(digest.data());
    const auto* const bytes = reinterpret_cast<const unsigned char*>(signature.data());
    if (key.is_ed25519) {
        const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(::EVP_MD_CTX_new());
        return context &&
               ::EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.key.get()) ==
                   1 &&
               ::EVP_DigestVerify(context.get(), bytes, signature.size(), hash, digest.size()) == 1;
    }
    const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
        ::EVP_PKEY_CTX_new(key.key.get(), nullptr));
    return context && ::EVP_PKEY_verify_init(context.get()) == 1 &&
           ::EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
           ::EVP_PKEY_CTX_set_signature_md(context.get(), ::EVP_sha256()) == 1 &&
           ::EVP_PKEY_verify(context.get(), bytes, signature.size(), hash, digest.size()) == 1;
}

}  // namespace cordon
