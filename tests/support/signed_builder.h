// SPDX-License-Identifier: GPL-2.0-only
// Opaque S/MIME for tests, with a key of its own each time.
#pragma once

#include <gtest/gtest.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <string>

#include "conf/base/owned.h"

namespace cordon::test {

inline std::string signed_data(const std::string& content) {
    const Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
    const Owned<X509, X509_free> signer(::X509_new());
    ::X509_set_pubkey(signer.get(), key.get());
    ::X509_sign(signer.get(), key.get(), ::EVP_sha256());
    const Owned<BIO, BIO_free> in(
        ::BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
    const Owned<CMS_ContentInfo, CMS_ContentInfo_free> info(::CMS_sign(
        signer.get(), key.get(), nullptr, in.get(), CMS_BINARY | CMS_NOSMIMECAP | CMS_NOCERTS));
    EXPECT_TRUE(info);
    unsigned char* der = nullptr;
    const int size = ::i2d_CMS_ContentInfo(info.get(), &der);
    std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    ::OPENSSL_free(der);
    return out;
}

}  // namespace cordon::test
