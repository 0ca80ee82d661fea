// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/signed_data.h"

#include <gtest/gtest.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "conf/base/owned.h"
#include "conf/base/text.h"
#include "scoring/message/message.h"

namespace cordon {
namespace {

std::string signed_data(const std::string& content) {
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

TEST(SignedData, GivesItsContent) {
    EXPECT_EQ(content_of_signed_data(signed_data("hello"), 1000), "hello");
}

TEST(SignedData, GivesNothingForOtherBytesAndBeyondTheLimit) {
    EXPECT_EQ(content_of_signed_data("junk", 1000), "");
    EXPECT_EQ(content_of_signed_data("", 1000), "");
    EXPECT_EQ(content_of_signed_data(signed_data("hello"), 10), "");
}

TEST(SignedData, IsReadAsTheMessageThatItHolds) {
    const std::string inner =
        "Content-Type: application/octet-stream; name=a.exe\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\nUEFZTE9BRCBpbnNpZGU=\r\n";
    const std::string bytes =
        "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" +
        to_base64(signed_data(inner)) + "\r\n";
    const Message message = Message::parse(bytes, Limits{});
    ASSERT_EQ(message.parts().size(), 2U);
    EXPECT_EQ(message.parts()[1].name, "a.exe");
    EXPECT_EQ(message.parts()[1].bytes(), "PAYLOAD inside");
}

}  // namespace
}  // namespace cordon
