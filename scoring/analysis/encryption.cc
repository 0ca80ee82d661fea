// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/encryption.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

unsigned byte_at(std::string_view bytes, std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
}

/// RAR 4: flag 0x80 of the archive header (all headers) or 0x04 of the first file header.
bool is_rar4_encrypted(std::string_view bytes) {
    constexpr std::size_t kMarker = 7;
    if (!bytes.starts_with("Rar!\x1a\x07\x00"sv)) return false;
    if ((byte_at(bytes, kMarker + 3) & 0x80U) != 0) return true;
    const std::size_t size = byte_at(bytes, kMarker + 5) | byte_at(bytes, kMarker + 6) << 8U;
    const std::size_t file = kMarker + size;
    return byte_at(bytes, file + 2) == 0x74 && (byte_at(bytes, file + 3) & 0x04U) != 0;
}

/// RAR 5: the first header after the marker is the encryption header (type 4) when names are
/// hidden.
bool is_rar5_encrypted(std::string_view bytes) {
    constexpr std::size_t kMarker = 8;
    if (!bytes.starts_with("Rar!\x1a\x07\x01\x00"sv)) return false;
    std::size_t at = kMarker + 4;  // after the checksum; then a number of variable length
    while (at < kMarker + 8 && (byte_at(bytes, at) & 0x80U) != 0) ++at;
    return byte_at(bytes, at + 1) == 4;
}

/// 7z names the method AES-256 (06 F1 07 01) in its header at the end.
bool is_7z_encrypted(std::string_view bytes) {
    constexpr std::size_t kHeaderReach = 64 * 1024;
    if (!bytes.starts_with("7z\xbc\xaf\x27\x1c"sv)) return false;
    const auto end = bytes.substr(bytes.size() > kHeaderReach ? bytes.size() - kHeaderReach : 0);
    return end.find("\x06\xf1\x07\x01"sv) != std::string_view::npos;
}

/// An encrypted OOXML document is an OLE file with a stream of this name (MS-OFFCRYPTO 2.3.4.4).
bool is_ole_encrypted(std::string_view bytes) {
    constexpr std::string_view kStream = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"sv;
    return bytes.starts_with("\xd0\xcf\x11\xe0"sv) && bytes.find(kStream) != std::string_view::npos;
}

}  // namespace

std::string find_encryption(std::string_view bytes) {
    if (is_rar4_encrypted(bytes) || is_rar5_encrypted(bytes)) return "rar archive";
    if (is_7z_encrypted(bytes)) return "7z archive";
    if (is_ole_encrypted(bytes)) return "office document";
    return {};
}

}  // namespace cordon
