// SPDX-License-Identifier: GPL-2.0-only
// Signs messages in tests: DKIM and ARC with keys made on the spot, by code that shares nothing
// with the verifier but OpenSSL.
#pragma once

#include <openssl/evp.h>

#include <map>
#include <string>
#include <vector>

#include "conf/base/owned.h"

namespace cordon::test {

class Signer {
 public:
    /// 0 bits: Ed25519.
    Signer(std::string domain, std::string selector, unsigned bits);

    const std::string& domain() const { return domain_; }
    std::string key_name() const { return selector_ + "._domainkey." + domain_; }
    std::string key_record() const;

    struct Wishes {
        std::string form = "relaxed/relaxed";
        std::string names = "from:to:subject:date";
        std::string more;  // further tags, "; x=1"
        std::string cv;    // of a seal, instead of the right one
        std::string results = "dmarc=pass header.from=author.example";
    };
    /// The message with a DKIM-Signature on top.
    std::string sign(const std::string& message, const Wishes& wishes) const;
    std::string sign(const std::string& message) const { return sign(message, Wishes{}); }
    /// The message with one more set of ARC on top.
    std::string seal(const std::string& message, int instance, const Wishes& wishes) const;
    std::string seal(const std::string& message, int instance) const {
        return seal(message, instance, Wishes{});
    }

 private:
    std::string signature_over(const std::string& canonical) const;
    std::string signed_field(const std::string& message, const std::string& name,
                             const std::string& tags, const Wishes& wishes) const;

    std::string domain_;
    std::string selector_;
    Owned<EVP_PKEY, EVP_PKEY_free> key_;
    bool is_ed25519_;
};

/// Zone file with the keys.
std::string zone_of(const std::vector<const Signer*>& signers);

}  // namespace cordon::test
