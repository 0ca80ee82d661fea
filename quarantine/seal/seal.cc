// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/seal/seal.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "conf/base/owned.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::string_view kVersion = "v1.";
constexpr std::size_t kKeyIdDigits = 8;
constexpr std::size_t kPrefix = kVersion.size() + kKeyIdDigits + 1;
constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kLine = 70;
constexpr std::string_view kUnknownKey = "the seal was made with a key that is not here";

using Cipher = Owned<EVP_CIPHER_CTX, ::EVP_CIPHER_CTX_free>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

Cipher make_cipher() {
    Cipher out(::EVP_CIPHER_CTX_new());
    if (!out) std::abort();  // out of memory
    return out;
}

/// nonce, ciphertext, tag. `prefix` is authenticated with it.
std::string encrypted(const SealKey& key, std::string_view prefix, std::string_view text) {
    const auto cipher = make_cipher();
    std::string nonce(kNonce, '\0');
    std::string out(text.size(), '\0');
    std::string tag(kTag, '\0');
    int size = 0;
    const bool is_good =
        ::RAND_bytes(bytes_of(nonce), kNonce) == 1 &&
        ::EVP_EncryptInit_ex(cipher.get(), ::EVP_aes_256_gcm(), nullptr, bytes_of(key.secret),
                             bytes_of(nonce)) == 1 &&
        ::EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(prefix),
                            static_cast<int>(prefix.size())) == 1 &&
        ::EVP_EncryptUpdate(cipher.get(), bytes_of(out), &size, bytes_of(text),
                            static_cast<int>(text.size())) == 1 &&
        ::EVP_EncryptFinal_ex(cipher.get(), nullptr, &size) == 1 &&
        ::EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTag, tag.data()) == 1;
    if (!is_good) std::abort();  // an OpenSSL without AES-GCM: nothing can be sealed
    return nonce + out + tag;
}

Result<std::string> decrypted(const SealKey& key, std::string_view prefix,
                              std::string_view sealed) {
    if (sealed.size() < kNonce + kTag) return fail("the seal is cut");
    const auto cipher = make_cipher();
    const auto text = sealed.substr(kNonce, sealed.size() - kNonce - kTag);
    std::string tag(sealed.substr(sealed.size() - kTag));
    std::string out(text.size(), '\0');
    int size = 0;
    const bool is_good =
        ::EVP_DecryptInit_ex(cipher.get(), ::EVP_aes_256_gcm(), nullptr, bytes_of(key.secret),
                             bytes_of(sealed)) == 1 &&
        ::EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(prefix),
                            static_cast<int>(prefix.size())) == 1 &&
        ::EVP_DecryptUpdate(cipher.get(), bytes_of(out), &size, bytes_of(text),
                            static_cast<int>(text.size())) == 1 &&
        ::EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) == 1 &&
        ::EVP_DecryptFinal_ex(cipher.get(), nullptr, &size) == 1;
    if (!is_good) return fail("the seal is forged or damaged");
    return out;
}

int sextet(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (is_digit(c)) return c - '0' + 52;
    if (c == '-') return 62;
    return c == '_' ? 63 : -1;
}

}  // namespace

Result<std::string> from_base64url(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const int value = sextet(c);
        if (value < 0) return fail("no base64url");
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>((bits >> count) & 0xFF);
    }
    // One spelling only: what is left over is less than a sextet, and zero.
    if (count >= 6 || (bits & ((1U << count) - 1)) != 0) return fail("no base64url");
    return out;
}

std::string make_seal(const SealKey& key, HeldMessage message) {
    message.report.clear();
    const std::string prefix = fmt::format("{}{}.", kVersion, key.id);
    const auto sealed = [&](char complete) {
        return prefix + to_base64url(encrypted(key, prefix, complete + encode_head(message)));
    };
    std::string out = sealed('1');
    if (out.size() <= kMaxSeal) return out;
    message.recipients.clear();
    message.rules.clear();
    message.subject = utf8_prefix(message.subject, 200);
    out = sealed('0');
    return out.size() <= kMaxSeal ? out : "";
}

std::string seal_key_id(std::string_view value) {
    return value.size() < kPrefix ? "" : std::string(value.substr(kVersion.size(), kKeyIdDigits));
}

bool is_unknown_key(const Error& error) {
    return error.what.starts_with(kUnknownKey);
}

Result<UnsealedMessage> open_seal(const SealKeys& keys, std::string_view value) {
    if (!is_seal_like(value)) return fail("no seal");
    const auto id = seal_key_id(value);
    const auto key =
        std::find_if(keys.begin(), keys.end(), [&](const auto& k) { return k.id == id; });
    if (key == keys.end()) return fail(fmt::format("{} ({})", kUnknownKey, id));
    const auto sealed = from_base64url(value.substr(kPrefix));
    if (!sealed) return tl::unexpected(sealed.error());
    const auto text = decrypted(*key, value.substr(0, kPrefix), *sealed);
    if (!text) return tl::unexpected(text.error());
    std::size_t head_bytes = 0;
    auto message = decode_head(std::string_view(*text).substr(1), head_bytes);
    if (!message) return wrap("the seal", message.error());
    return UnsealedMessage{std::move(*message), text->front() == '1'};
}

std::string unfolded_seal(std::string_view value) {
    std::string out;
    for (const char c : value)
        if (!is_space(c)) out += c;
    return out;
}

bool is_seal_like(std::string_view value) {
    if (value.size() > 2 * kMaxSeal) return false;
    const std::string plain = unfolded_seal(value);
    return plain.size() > kPrefix && plain.size() <= kMaxSeal && plain.starts_with(kVersion) &&
           plain[kPrefix - 1] == '.' &&
           std::all_of(plain.begin() + kPrefix, plain.end(),
                       [](char c) { return sextet(c) >= 0; }) &&
           std::all_of(plain.begin() + kVersion.size(), plain.begin() + kPrefix - 1,
                       [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

std::string folded_seal(std::string_view value) {
    std::string out;
    for (std::size_t at = 0; at < value.size(); at += kLine)
        out += fmt::format("{}{}", at == 0 ? "" : "\n\t", value.substr(at, kLine));
    return out;
}

}  // namespace cordon
