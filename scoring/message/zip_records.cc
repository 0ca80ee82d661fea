// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/zip_records.h"

#include <algorithm>

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kCentralRecord = 46;
constexpr std::size_t kLocalRecord = 30;

/// Section 4.5.3: eight bytes for each number that did not fit, in this order.
void take_zip64(std::string_view extra, ZipHeader& header) {
    while (extra.size() >= 4) {
        const std::size_t length = zip_number(extra, 2, 2);
        if (zip_number(extra, 0, 2) == 1) {
            header.is_zip64 = true;
            std::string_view field = extra.substr(4, length);
            for (std::uint64_t* const number : {&header.size, &header.packed, &header.offset}) {
                if (*number != kZipNumberElsewhere || field.size() < 8) continue;
                *number = zip_number(field, 0, 8);
                field.remove_prefix(8);
            }
            return;
        }
        extra.remove_prefix(std::min(extra.size(), 4 + length));
    }
}

}  // namespace

std::uint64_t zip_number(std::string_view bytes, std::size_t at, unsigned width) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < width && at + i < bytes.size(); ++i) {
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8U * i);
    }
    return value;
}

bool has_at(std::string_view bytes, std::uint64_t at, std::string_view signature) {
    return at <= bytes.size() && bytes.substr(at).starts_with(signature);
}

std::optional<ZipHeader> central_header_at(std::string_view bytes, std::size_t at) {
    if (!has_at(bytes, at, "PK\1\2"sv) || bytes.size() - at < kCentralRecord) return {};
    const std::size_t name = zip_number(bytes, at + 28, 2);
    const std::size_t extra = zip_number(bytes, at + 30, 2);
    if (bytes.size() - at - kCentralRecord < name + extra) return {};
    ZipHeader header;
    header.flags = static_cast<unsigned>(zip_number(bytes, at + 8, 2));
    header.method = static_cast<unsigned>(zip_number(bytes, at + 10, 2));
    header.crc = static_cast<std::uint32_t>(zip_number(bytes, at + 16, 4));
    header.packed = zip_number(bytes, at + 20, 4);
    header.size = zip_number(bytes, at + 24, 4);
    header.offset = zip_number(bytes, at + 42, 4);
    header.name = bytes.substr(at + kCentralRecord, name);
    header.next = at + kCentralRecord + name + extra + zip_number(bytes, at + 32, 2);
    take_zip64(bytes.substr(at + kCentralRecord + name, extra), header);
    return header;
}

std::optional<ZipHeader> local_header_at(std::string_view bytes, std::size_t at) {
    if (!has_at(bytes, at, "PK\3\4"sv) || bytes.size() - at < kLocalRecord) return {};
    const std::size_t name = zip_number(bytes, at + 26, 2);
    const std::size_t extra = zip_number(bytes, at + 28, 2);
    if (bytes.size() - at - kLocalRecord < name + extra) return {};
    ZipHeader header;
    header.flags = static_cast<unsigned>(zip_number(bytes, at + 6, 2));
    header.method = static_cast<unsigned>(zip_number(bytes, at + 8, 2));
    header.crc = static_cast<std::uint32_t>(zip_number(bytes, at + 14, 4));
    header.packed = zip_number(bytes, at + 18, 4);
    header.size = zip_number(bytes, at + 22, 4);
    header.offset = at;
    header.name = bytes.substr(at + kLocalRecord, name);
    header.next = at + kLocalRecord + name + extra;
    take_zip64(bytes.substr(at + kLocalRecord + name, extra), header);
    return header;
}

}  // namespace cordon
