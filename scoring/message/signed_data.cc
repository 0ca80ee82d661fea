// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/signed_data.h"

#include <openssl/cms.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <limits>

#include "conf/base/owned.h"
#include "conf/base/text.h"
#include "scoring/message/inflate.h"
#include "scoring/message/transfer_encoding.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kArmourReach = 4096;  // PEM allows text before

// The object identifiers of signed and of compressed data, behind the head of the sequence.
constexpr std::array kTypes = {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"sv,
                               "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"sv};

bool is_binary(std::string_view bytes) {
    if (bytes.size() < 2 || bytes[0] != '0') return false;
    const auto length = static_cast<unsigned char>(bytes[1]);
    const std::size_t head = 2 + (length > 0x80 ? length - 0x80U : 0U);
    const std::string_view type = bytes.substr(std::min(head, bytes.size()));
    return std::any_of(kTypes.begin(), kTypes.end(),
                       [type](std::string_view known) { return type.starts_with(known); });
}

/// Where the armour begins.
std::size_t find_armour(std::string_view bytes) {
    const std::string_view head = bytes.substr(0, kArmourReach);
    return std::min({head.find("-----BEGIN CMS-----"), head.find("-----BEGIN PKCS7-----"),
                     head.find("-----BEGIN PKCS #7 SIGNED DATA-----")});
}

/// The bytes that base64 stands for; empty for bytes that are no base64.
std::string decoded(std::string_view bytes) {
    const std::size_t armour = find_armour(bytes);
    if (armour == std::string_view::npos)
        return looks_like_base64(bytes) ? decode_base64(bytes).bytes : std::string();
    bytes.remove_prefix(armour);
    bytes.remove_prefix(std::min(bytes.find('\n'), bytes.size()));
    return decode_base64(bytes.substr(0, bytes.find("-----END"))).bytes;
}

using ContentInfo = Owned<CMS_ContentInfo, CMS_ContentInfo_free>;

std::string octets_of(const CMS_ContentInfo* info) {
    ASN1_OCTET_STRING** const content = ::CMS_get0_content(const_cast<CMS_ContentInfo*>(info));
    if (content == nullptr || *content == nullptr) return {};
    const int size = ::ASN1_STRING_length(*content);
    const unsigned char* const data = ::ASN1_STRING_get0_data(*content);
    if (size <= 0 || data == nullptr) return {};
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::string content_of_binary(std::string_view der, std::size_t limit) {
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

}  // namespace

bool is_signed_data(std::string_view bytes) {
    return is_binary(bytes) || find_armour(bytes) != std::string_view::npos;
}

std::string content_of_signed_data(std::string_view bytes, std::size_t limit) {
    // The content is a part of these bytes, so it fits where they do.
    if (bytes.size() > limit || bytes.size() > std::numeric_limits<int>::max() / 2) return {};
    if (bytes.starts_with('0')) {
        std::string content = content_of_binary(bytes, limit);
        if (!content.empty()) return content;
    }
    return content_of_binary(decoded(bytes), limit);
}

std::string name_of_signed_file(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || !istarts_with(name.substr(dot), ".p7")) return {};
    const std::string_view stem = name.substr(0, dot);
    return stem.find('.') == std::string_view::npos ? std::string() : std::string(stem);
}

}  // namespace cordon
