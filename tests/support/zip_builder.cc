// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/zip_builder.h"

#include <zlib.h>

namespace cordon::test {

namespace {

using namespace std::string_view_literals;

void put(std::string& out, std::uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) out += static_cast<char>(value >> (8U * i) & 0xffU);
}

void put_fields(std::string& out, const ZipHeaderFields& fields) {
    put(out, 20, 2);
    put(out, fields.flags, 2);
    put(out, fields.method, 2);
    put(out, 0x5B770000, 4);
    put(out, fields.crc, 4);
    put(out, fields.packed, 4);
    put(out, fields.size, 4);
    put(out, fields.name.size(), 2);
    put(out, fields.extra.size(), 2);
}

}  // namespace

std::string deflated(std::string_view content) {
    z_stream stream{};
    std::string in(content);
    std::string out(::compressBound(content.size()) + 64, '\0');
    ::deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

ZipTestMember zip_member(std::string name, std::string_view content, bool is_deflated) {
    ZipTestMember member;
    member.data = is_deflated ? deflated(content) : std::string(content);
    member.local.name = std::move(name);
    member.local.method = is_deflated ? 8 : 0;
    member.local.crc = static_cast<std::uint32_t>(::crc32(
        0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
    member.local.packed = static_cast<std::uint32_t>(member.data.size());
    member.local.size = static_cast<std::uint32_t>(content.size());
    member.central = member.local;
    return member;
}

std::string zip_local(const ZipTestMember& member) {
    std::string out = "PK\3\4";
    put_fields(out, member.local);
    return out.append(member.local.name)
        .append(member.local.extra)
        .append(member.data)
        .append(member.behind);
}

std::string zip_directory(const std::vector<ZipTestMember>& members,
                          const std::vector<std::size_t>& offsets) {
    std::string out;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (!members[i].is_listed) continue;
        out.append("PK\1\2");
        put(out, 20, 2);
        put_fields(out, members[i].central);
        out.append(10, '\0');
        put(out, offsets[i], 4);
        out.append(members[i].central.name).append(members[i].central.extra);
    }
    return out;
}

std::string zip_end(std::size_t members, std::size_t directory_size, std::size_t directory_offset,
                    std::string_view comment) {
    std::string out("PK\5\6\0\0\0\0"sv);
    put(out, members, 2);
    put(out, members, 2);
    put(out, directory_size, 4);
    put(out, directory_offset, 4);
    put(out, comment.size(), 2);
    return out.append(comment);
}

std::string ZipTestArchive::build() const {
    std::string out;
    std::vector<std::size_t> offsets;
    std::size_t listed = 0;
    for (const auto& member : members) {
        offsets.push_back(out.size());
        out += zip_local(member);
        if (member.is_listed) ++listed;
    }
    out += before_directory;
    const std::string directory = zip_directory(members, offsets);
    const std::size_t begin = out.size();
    if (claimed_members >= 0) listed = static_cast<std::size_t>(claimed_members);
    return prefix + out + directory + zip_end(listed, directory.size(), begin, comment);
}

}  // namespace cordon::test
