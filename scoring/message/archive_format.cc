// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/archive_format.h"

#include <algorithm>
#include <array>

namespace cordon {

namespace {

using namespace std::string_view_literals;

struct Signature {
    ArchiveFormat format;
    std::size_t offset;
    std::string_view bytes;
};

constexpr std::array kSignatures = {
    Signature{ArchiveFormat::zip, 0, "PK\3\4"sv},
    Signature{ArchiveFormat::zip, 0, "PK\5\6"sv},
    Signature{ArchiveFormat::zip, 0, "PK00PK\3\4"sv},      // one volume of what was to be several
    Signature{ArchiveFormat::zip, 0, "PK\7\x08PK\3\4"sv},  // the same
    Signature{ArchiveFormat::rar, 0, "Rar!\x1a\7"sv},
    Signature{ArchiveFormat::seven_zip, 0, "7z\xbc\xaf\x27\x1c"sv},
    Signature{ArchiveFormat::gzip, 0, "\x1f\x8b\x08"sv},
    Signature{ArchiveFormat::xz, 0,
              "\xfd"
              "7zXZ\0"sv},
    Signature{ArchiveFormat::zstd, 0, "\x28\xb5\x2f\xfd"sv},
    Signature{ArchiveFormat::lz4, 0, "\x04\x22\x4d\x18"sv},
    Signature{ArchiveFormat::lzip, 0, "LZIP\1"sv},
    Signature{ArchiveFormat::tar, 257, "ustar"sv},
    Signature{ArchiveFormat::cab, 0, "MSCF\0\0\0\0"sv},
    Signature{ArchiveFormat::iso9660, 32769, "CD001"sv},
    Signature{ArchiveFormat::ar, 0, "!<arch>\n"sv},
    Signature{ArchiveFormat::rpm, 0, "\xed\xab\xee\xdb"sv},
    Signature{ArchiveFormat::ace, 7, "**ACE**"sv},
};

struct Names {
    std::string_view name;
    std::string_view media_type;
};

constexpr std::array kNames = {
    Names{"", ""},
    Names{"zip", "application/zip"},
    Names{"rar", "application/vnd.rar"},
    Names{"7z", "application/x-7z-compressed"},
    Names{"gzip", "application/gzip"},
    Names{"bzip2", "application/x-bzip2"},
    Names{"xz", "application/x-xz"},
    Names{"lzma", "application/x-lzma"},
    Names{"zstd", "application/zstd"},
    Names{"lz4", "application/x-lz4"},
    Names{"lzip", "application/x-lzip"},
    Names{"compress", "application/x-compress"},
    Names{"tar", "application/x-tar"},
    Names{"cpio", "application/x-cpio"},
    Names{"cab", "application/vnd.ms-cab-compressed"},
    Names{"lha", "application/x-lzh-compressed"},
    Names{"iso", "application/x-iso9660-image"},
    Names{"ar", "application/x-archive"},
    Names{"rpm", "application/x-rpm"},
    Names{"arj", "application/x-arj"},
    Names{"ace", "application/x-ace-compressed"},
};
static_assert(kNames.size() == static_cast<std::size_t>(ArchiveFormat::ace) + 1);

unsigned byte_at(std::string_view bytes, std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
}

/// Tar without the word "ustar" is known by the checksum of its first block alone.
bool is_old_tar(std::string_view bytes) {
    constexpr std::size_t kBlock = 512;
    constexpr std::size_t kChecksum = 148;
    if (bytes.size() < kBlock || bytes[0] == '\0') return false;
    std::size_t at = kChecksum;
    while (at < kChecksum + 8 && bytes[at] == ' ') ++at;
    unsigned long stated = 0;
    std::size_t digits = 0;
    for (; at < kChecksum + 8 && bytes[at] >= '0' && bytes[at] <= '7'; ++at, ++digits) {
        stated = stated * 8 + (byte_at(bytes, at) - '0');
    }
    if (digits == 0) return false;
    unsigned long sum = 8UL * ' ';
    for (std::size_t i = 0; i < kBlock; ++i) {
        if (i < kChecksum || i >= kChecksum + 8) sum += byte_at(bytes, i);
    }
    return sum == stated;
}

/// "-lh5-" and its kin after two bytes of header.
bool is_lha(std::string_view bytes) {
    return bytes.size() > 21 && bytes[2] == '-' && bytes[3] == 'l' &&
           (bytes[4] == 'h' || bytes[4] == 'z') && bytes[6] == '-';
}

/// Its properties byte, a dictionary that is a power of two, and the size or -1.
bool is_lzma(std::string_view bytes) {
    if (bytes.size() < 14 || bytes[0] != '\x5d' || bytes[1] != '\0' || bytes[2] != '\0')
        return false;
    const std::string_view size = bytes.substr(5, 8);
    return size == "\xff\xff\xff\xff\xff\xff\xff\xff"sv || size.substr(5) == "\0\0\0"sv;
}

/// The letters alone begin many a text.
bool is_bzip2(std::string_view bytes) {
    if (bytes.size() < 10 || !bytes.starts_with("BZh"sv) || bytes[3] < '1' || bytes[3] > '9')
        return false;
    const std::string_view block = bytes.substr(4, 6);
    return block == "1AY&SY"sv || block == "\x17\x72\x45\x38\x50\x90"sv;
}

bool is_compress(std::string_view bytes) {
    if (bytes.size() < 4 || !bytes.starts_with("\x1f\x9d"sv)) return false;
    const unsigned bits = byte_at(bytes, 2) & 0x1fU;
    return bits >= 9 && bits <= 16 && (byte_at(bytes, 2) & 0x60U) == 0;
}

/// Nothing but digits as far as the header goes.
bool is_text_cpio(std::string_view bytes) {
    if (!bytes.starts_with("07070"sv)) return false;
    const bool is_octal = bytes.starts_with("070707"sv);
    const std::size_t size = is_octal ? 76 : 110;
    if (bytes.size() < size || (!is_octal && bytes[5] != '1' && bytes[5] != '2')) return false;
    const std::string_view digits = is_octal ? "01234567"sv : "0123456789abcdefABCDEF"sv;
    return bytes.substr(0, size).find_first_not_of(digits) == std::string_view::npos;
}

/// The binary header of cpio: two bytes are little to go by, so the name's length and end count.
bool is_binary_cpio(std::string_view bytes) {
    if (bytes.size() < 28) return false;
    const bool is_little = bytes.starts_with("\xc7\x71"sv);
    if (!is_little && !bytes.starts_with("\x71\xc7"sv)) return false;
    const std::size_t name = is_little ? byte_at(bytes, 20) | byte_at(bytes, 21) << 8U
                                       : byte_at(bytes, 20) << 8U | byte_at(bytes, 21);
    return name > 1 && name < 1024 && 26 + name <= bytes.size() && bytes[26 + name - 1] == '\0';
}

bool is_arj(std::string_view bytes) {
    return bytes.starts_with("\x60\xea"sv) && bytes.size() > 34 && byte_at(bytes, 4) >= 30 &&
           byte_at(bytes, 10) == 2;
}

}  // namespace

ArchiveFormat archive_format_of(std::string_view bytes) {
    const auto* const found =
        std::find_if(kSignatures.begin(), kSignatures.end(), [bytes](const Signature& known) {
            return bytes.size() >= known.offset &&
                   bytes.substr(known.offset).starts_with(known.bytes);
        });
    if (found != kSignatures.end()) return found->format;
    if (is_lha(bytes)) return ArchiveFormat::lha;
    if (is_arj(bytes)) return ArchiveFormat::arj;
    if (is_bzip2(bytes)) return ArchiveFormat::bzip2;
    if (is_compress(bytes)) return ArchiveFormat::compress;
    if (is_text_cpio(bytes) || is_binary_cpio(bytes)) return ArchiveFormat::cpio;
    if (is_lzma(bytes)) return ArchiveFormat::lzma;
    return is_old_tar(bytes) ? ArchiveFormat::tar : ArchiveFormat::none;
}

bool is_compressed_stream(ArchiveFormat format) {
    using enum ArchiveFormat;
    constexpr std::array kStreams = {gzip, bzip2, xz, lzma, zstd, lz4, lzip, compress, rpm};
    return std::find(kStreams.begin(), kStreams.end(), format) != kStreams.end();
}

std::string_view archive_name(ArchiveFormat format) {
    return kNames[static_cast<std::size_t>(format)].name;
}

std::string_view archive_media_type(ArchiveFormat format) {
    return kNames[static_cast<std::size_t>(format)].media_type;
}

}  // namespace cordon
