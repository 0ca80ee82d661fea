// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/zip_alone.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

void put(std::string& out, std::uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) out += static_cast<char>(value >> (8U * i) & 0xffU);
}

constexpr std::string_view kName = "member";

/// What the local and the central header have in common (APPNOTE 4.3.7).
void put_common(std::string& out, const ZipEntry& entry, std::size_t packed) {
    constexpr unsigned kVersion = 63;
    put(out, kVersion, 2);
    put(out, entry.flags & ~8U, 2);  // sizes are here, not behind the data
    put(out, entry.method, 2);
    put(out, 0, 4);
    put(out, entry.crc, 4);
    put(out, packed, 4);
    put(out, entry.size, 4);
    put(out, kName.size(), 2);
    put(out, 0, 2);
}

}  // namespace

std::string zip_alone(const ZipEntry& entry, std::string_view packed) {
    std::string out = "PK\3\4";
    out.reserve(packed.size() + 256);
    put_common(out, entry, packed.size());
    out.append(kName).append(packed);
    const std::size_t directory = out.size();
    out.append("PK\1\2");
    put(out, 63, 2);
    put_common(out, entry, packed.size());
    out.append(10, '\0');  // comment, disk, attributes
    put(out, 0, 4);
    out.append(kName);
    const std::size_t size = out.size() - directory;
    out.append("PK\5\6"sv);
    put(out, 0, 4);
    put(out, 1, 2);
    put(out, 1, 2);
    put(out, size, 4);
    put(out, directory, 4);
    put(out, 0, 2);
    return out;
}

}  // namespace cordon
