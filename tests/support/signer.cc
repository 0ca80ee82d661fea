// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/signer.h"

#include <fmt/format.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "conf/base/text.h"

namespace cordon::test {

namespace {

// As the RFC's sentences read, one replacement after the other: not the verifier's way.
std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t i = 0; (i = text.find(what, i)) != std::string::npos; i += with.size())
        text.replace(i, what.size(), with);
    return text;
}

std::string squeezed(std::string text) {
    text = replaced(std::move(text), "\t", " ");
    while (text.find("  ") != std::string::npos) text = replaced(std::move(text), "  ", " ");
    return text;
}

std::string relaxed_field(const std::string& field) {
    const auto colon = field.find(':');
    const auto name = lower(trim(field.substr(0, colon)));
    auto value = replaced(field.substr(colon + 1), "\r\n", "");
    return name + ":" + std::string(trim(squeezed(value)));
}

std::string canonical_body(const std::string& body, bool is_relaxed) {
    auto out = body;
    if (is_relaxed) out = replaced(squeezed(out), " \r\n", "\r\n");
    while (out.size() >= 2 && out.substr(out.size() - 2) == "\r\n") out.resize(out.size() - 2);
    return out.empty() && is_relaxed ? out : out + "\r\n";
}

std::string sha256(const std::string& text) {
    std::string out(32, '\0');
    ::EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr,
                 EVP_sha256(), nullptr);
    return out;
}

/// Fields of the header in order, each with its folds, without its last CRLF.
std::vector<std::string> fields_of(const std::string& message) {
    std::vector<std::string> out;
    const auto header = message.substr(0, message.find("\r\n\r\n"));
    std::size_t begin = 0;
    while (begin < header.size()) {
        auto end = header.find("\r\n", begin);
        while (end != std::string::npos && end + 2 < header.size() &&
               (header[end + 2] == ' ' || header[end + 2] == '\t'))
            end = header.find("\r\n", end + 2);
        if (end == std::string::npos) end = header.size();
        out.push_back(header.substr(begin, end - begin));
        begin = end + 2;
    }
    return out;
}

std::string name_of(const std::string& field) {
    return lower(trim(field.substr(0, field.find(':'))));
}

}  // namespace

Signer::Signer(std::string domain, std::string selector, unsigned bits)
    : domain_(std::move(domain)),
      selector_(std::move(selector)),
      key_(bits == 0 ? ::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                     : ::EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(bits))),
      is_ed25519_(bits == 0) {}

std::string Signer::key_record() const {
    std::string bytes;
    if (is_ed25519_) {
        std::size_t size = 32;
        bytes.resize(size);
        ::EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                      &size);
    } else {
        unsigned char* der = nullptr;
        const int size = ::i2d_PUBKEY(key_.get(), &der);
        bytes.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
        ::OPENSSL_free(der);
    }
    return fmt::format("v=DKIM1; k={}; p={}", is_ed25519_ ? "ed25519" : "rsa", to_base64(bytes));
}

std::string Signer::signature_over(const std::string& canonical) const {
    const auto digest = sha256(canonical);
    const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(::EVP_MD_CTX_new());
    // RFC 8463: Ed25519 signs the hash; RSA hashes by itself.
    const auto& input = is_ed25519_ ? digest : canonical;
    ::EVP_DigestSignInit(context.get(), nullptr, is_ed25519_ ? nullptr : EVP_sha256(), nullptr,
                         key_.get());
    std::string out(1024, '\0');
    std::size_t size = out.size();
    ::EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                     reinterpret_cast<const unsigned char*>(input.data()), input.size());
    out.resize(size);
    return to_base64(out);
}

std::string Signer::signed_field(const std::string& message, const std::string& name,
                                 const std::string& tags, const Wishes& wishes) const {
    const bool is_relaxed = wishes.form.starts_with("relaxed");
    const auto body = message.substr(message.find("\r\n\r\n") + 4);
    const auto hash = sha256(canonical_body(body, wishes.form.ends_with("/relaxed")));
    auto field = fmt::format("{}: {}a={}; c={}; d={}; s={};\r\n\th={}{};\r\n bh={}; b=", name, tags,
                             is_ed25519_ ? "ed25519-sha256" : "rsa-sha256", wishes.form, domain_,
                             selector_, wishes.names, wishes.more, to_base64(hash));
    auto fields = fields_of(message);
    std::string canonical;
    for (const auto wanted : split(wishes.names, ':')) {
        for (std::size_t i = fields.size(); i > 0; --i) {
            if (name_of(fields[i - 1]) != lower(wanted)) continue;
            canonical += (is_relaxed ? relaxed_field(fields[i - 1]) : fields[i - 1]) + "\r\n";
            fields.erase(fields.begin() + static_cast<long>(i) - 1);
            break;
        }
    }
    return field + signature_over(canonical + (is_relaxed ? relaxed_field(field) : field));
}

std::string Signer::sign(const std::string& message, const Wishes& wishes) const {
    return signed_field(message, "DKIM-Signature", "v=1; ", wishes) + "\r\n" + message;
}

std::string Signer::seal(const std::string& message, int instance, const Wishes& wishes) const {
    const auto results =
        fmt::format("ARC-Authentication-Results: i={}; {}; {}", instance, domain_, wishes.results);
    const auto signature =
        signed_field(message, "ARC-Message-Signature", fmt::format("i={}; ", instance), wishes);
    const auto right = instance == 1 ? "none" : "pass";
    const auto seal = fmt::format("ARC-Seal: i={}; a={}; cv={}; d={}; s={}; b=", instance,
                                  is_ed25519_ ? "ed25519-sha256" : "rsa-sha256",
                                  wishes.cv.empty() ? right : wishes.cv, domain_, selector_);
    std::string canonical;
    const auto fields = fields_of(message);
    for (int i = 1; i < instance; ++i) {
        for (const auto* const name :
             {"arc-authentication-results", "arc-message-signature", "arc-seal"}) {
            for (const auto& field : fields)
                if (name_of(field) == name &&
                    field.find(fmt::format("i={};", i)) != std::string::npos)
                    canonical += relaxed_field(field) + "\r\n";
        }
    }
    canonical += relaxed_field(results) + "\r\n" + relaxed_field(signature) + "\r\n";
    return seal + signature_over(canonical + relaxed_field(seal)) + "\r\n" + signature + "\r\n" +
           results + "\r\n" + message;
}

std::string zone_of(const std::vector<const Signer*>& signers) {
    std::string out;
    for (const auto* const signer : signers)
        out += fmt::format(R"({}"{}": {{"TXT": ["{}"]}})", out.empty() ? "{" : ", ",
                           signer->key_name(), signer->key_record());
    return out + "}";
}

}  // namespace cordon::test
