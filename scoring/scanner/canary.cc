// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/canary.h"

#include <zlib.h>

#include "conf/base/ipc.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

std::string deflate_raw(std::string_view content) {
    z_stream stream{};
    std::string out(compressBound(content.size()) + 16, '\0');
    std::string in(content);
    if (::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
                       Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int code = ::deflate(&stream, Z_FINISH);
    out.resize(code == Z_STREAM_END ? stream.total_out : 0);
    ::deflateEnd(&stream);
    return out;
}

/// Zip writes 16-bit numbers where our records have none.
RecordWriter& u16(RecordWriter& out, std::size_t value) {
    return out.u8(static_cast<std::uint8_t>(value)).u8(static_cast<std::uint8_t>(value >> 8U));
}

std::string in_mail(std::string_view headers, std::string_view body) {
    std::string out =
        "From: canary@example.org\r\nTo: miner@example.org\r\nSubject: canary\r\n"
        "Date: Mon, 23 Nov 2026 20:15:00 +0000\r\nMessage-ID: <canary@example.org>\r\n"
        "MIME-Version: 1.0\r\n";
    out.append(headers).append("\r\n\r\n").append(body).append("\r\n");
    return out;
}

std::string attached(std::string_view name, std::string_view content) {
    return in_mail("Content-Type: application/octet-stream; name=" + std::string(name) +
                       "\r\nContent-Transfer-Encoding: base64",
                   to_base64(content));
}

}  // namespace

std::string eicar() {
    const std::string first = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-";
    const std::string second = "ANTIVIRUS-TEST-FILE!$H+H*";
    return first + second;
}

std::string zip_of(std::string_view name, std::string_view content, bool deflated) {
    constexpr std::size_t kVersion = 20;
    const auto packed = deflated ? deflate_raw(content) : std::string(content);
    const auto crc = static_cast<std::uint32_t>(::crc32(
        0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
    const auto entry =
        [&](RecordWriter& out) -> RecordWriter& {  // what both headers have in common
        u16(u16(out, kVersion), 0);
        u16(u16(u16(out, deflated ? 8 : 0), 0), 0x5B77);
        out.u32(crc).u32(static_cast<std::uint32_t>(packed.size()));
        out.u32(static_cast<std::uint32_t>(content.size()));
        return u16(u16(out, name.size()), 0);
    };
    RecordWriter local;
    entry(local.u32(0x04034B50));
    auto out = local.take() + std::string(name) + packed;

    RecordWriter central;
    entry(u16(central.u32(0x02014B50), kVersion));
    u16(u16(u16(central, 0), 0), 0).u32(0).u32(0);
    const auto directory = central.take() + std::string(name);

    RecordWriter end;
    u16(u16(end.u32(0x06054B50), 0), 0);
    u16(u16(end, 1), 1).u32(static_cast<std::uint32_t>(directory.size()));
    u16(end.u32(static_cast<std::uint32_t>(out.size())), 0);
    return out + directory + end.take();
}

std::vector<Canary> make_canaries() {
    const auto file = eicar();
    return {
        {"in the text of a mail", in_mail("Content-Type: text/plain", file)},
        {"in a base64 attachment", attached("eicar.com", file)},
        {"stored in a zip archive", attached("eicar.zip", zip_of("eicar.com", file, false))},
        {"deflated in a zip archive", attached("eicar.zip", zip_of("eicar.com", file, true))},
    };
}

}  // namespace cordon
