// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/signed_data.h"

#include <openssl/cms.h>
#include <openssl/err.h>

#include <limits>

#include "conf/base/owned.h"
#include "scoring/message/inflate.h"

namespace cordon {

namespace {

using ContentInfo = Owned<CMS_ContentInfo, CMS_ContentInfo_free>;

std::string octets_of(const CMS_ContentInfo* info) {
    ASN1_OCTET_STRING** const content = ::CMS_get0_content(const_cast<CMS_ContentInfo*>(info));
    if (content == nullptr || *content == nullptr) return {};
    const int size = ::ASN1_STRING_length(*content);
    const unsigned char* const data = ::ASN1_STRING_get0_data(*content);
    if (size <= 0 || data == nullptr) return {};
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

}  // namespace

std::string content_of_signed_data(std::string_view der, std::size_t limit) {
    // The content is a part of these bytes, so it fits where they do.
    if (der.size() > limit || der.size() > std::numeric_limits<int>::max() / 2) return {};
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const ContentInfo info(::d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
    ::ERR_clear_error();
    if (!info) return {};
    const int type = ::OBJ_obj2nid(::CMS_get0_type(info.get()));
    if (type == NID_pkcs7_signed) return octets_of(info.get());
    if (type != NID_id_smime_ct_compressedData) return {};
    Inflated plain = inflate(octets_of(info.get()), {limit, limit}, InflateWrapping::zlib);
    return plain.has_end ? std::move(plain.bytes) : std::string();
}

}  // namespace cordon
