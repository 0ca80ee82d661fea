// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/url_host.h"

#include <unicode/uidna.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "conf/base/ip_address.h"
#include "conf/base/text.h"
#include "scoring/message/url_bytes.h"

namespace cordon {
namespace {

constexpr ByteSet kForbidden(" #/:<>?@[\\]^|%\x7F");

constexpr std::size_t kHostBytes = 2048;  // DNS ends at 253; longer ones are nobody's host

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char l = ascii_lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return (c & '\x80') == 0; });
}

bool is_forbidden(char c) {
    return (c >= '\0' && c < ' ') || kForbidden.has(c);
}

struct UidnaClose {
    void operator()(UIDNA* idna) const { uidna_close(idna); }
};

using Converter = int32_t (*)(const UIDNA*, const char*, int32_t, char*, int32_t, UIDNAInfo*,
                              UErrorCode*);

std::optional<std::string> converted(const UIDNA* idna, Converter convert, std::string_view name) {
    std::array<char, 4 * kHostBytes> buffer;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode status = U_ZERO_ERROR;
    const auto size = convert(idna, name.data(), static_cast<int32_t>(name.size()), buffer.data(),
                              static_cast<int32_t>(buffer.size()), &info, &status);
    constexpr std::uint32_t kFatal = UIDNA_ERROR_DISALLOWED | UIDNA_ERROR_PUNYCODE |
                                     UIDNA_ERROR_LABEL_HAS_DOT | UIDNA_ERROR_INVALID_ACE_LABEL;
    if (U_FAILURE(status) || size < 0 || static_cast<std::size_t>(size) > buffer.size() ||
        (info.errors & kFatal) != 0) {
        return std::nullopt;
    }
    return std::string(buffer.data(), static_cast<std::size_t>(size));
}

/// Both forms of a name that is not plain ASCII; empty when UTS 46 disallows it.
void map_unicode(std::string_view name, UrlHost& host) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<UIDNA, UidnaClose> idna(uidna_openUTS46(
        UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE, &status));
    if (U_FAILURE(status)) return;
    const auto unicode = converted(idna.get(), uidna_nameToUnicodeUTF8, name);
    const auto ascii = converted(idna.get(), uidna_nameToASCII_UTF8, name);
    if (!unicode || !ascii || !is_ascii(*ascii)) return;  // what is invalid stays as U+FFFD
    host.name = *unicode;
    host.ascii = *ascii;
}

/// One number of an IPv4 address: decimal, 0x hexadecimal or 0 octal. Too large ones saturate.
std::optional<std::uint64_t> ipv4_number(std::string_view text) {
    std::uint64_t base = 10;
    if (istarts_with(text, "0x")) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text.front() == '0') {
        base = 8;
        text.remove_prefix(1);
    }
    std::uint64_t value = 0;
    for (const char c : text) {
        const int digit = hex_value(c);
        if (digit < 0 || static_cast<std::uint64_t>(digit) >= base) return std::nullopt;
        value =
            std::min<std::uint64_t>(value * base + static_cast<std::uint64_t>(digit), 1ULL << 40U);
    }
    return value;
}

bool ends_in_a_number(std::string_view name) {
    const auto dot = name.rfind('.');
    const auto last = dot == std::string_view::npos ? name : name.substr(dot + 1);
    if (last.empty()) return false;
    return std::all_of(last.begin(), last.end(), is_digit) ||
           (istarts_with(last, "0x") && ipv4_number(last).has_value());
}

/// The dotted quad that a name ending in a number stands for.
std::optional<std::string> ipv4(std::string_view name) {
    const auto fields = split(name, '.');
    if (fields.empty() || fields.size() > 4) return std::nullopt;
    std::uint64_t address = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto number = fields[i].empty() ? std::nullopt : ipv4_number(fields[i]);
        const bool is_last = i + 1 == fields.size();
        const std::uint64_t end = is_last ? 1ULL << (8 * (4 - i)) : 256;
        if (!number || *number >= end) return std::nullopt;
        address += is_last ? *number : *number << (8 * (3 - i));
    }
    std::string quad;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        if (!quad.empty()) quad += '.';
        quad += std::to_string((address >> shift) & 0xFFU);
    }
    return quad;
}

void set_bad(UrlHost& host) {
    host = UrlHost{};
    host.is_bad = true;
}

void read_ipv6(std::string_view literal, UrlHost& host) {
    auto inner = literal.substr(1, literal.size() - 2);
    const auto address = IpAddress::parse(inner.substr(0, inner.find('%')));
    if (!address || inner.find(':') == std::string_view::npos) return set_bad(host);
    host.name = host.ascii = address->to_string();
    host.is_ip = true;
    host.odd_ip = address->family() == IpAddress::Family::v4;
}

}  // namespace

std::string percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low < 0) {
            out += text[i];
        } else {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

UrlHost parse_url_host(std::string_view written) {
    UrlHost host;
    if (written.empty()) return host;
    if (written.size() > kHostBytes) {
        set_bad(host);
        return host;
    }
    if (written.front() == '[' && written.back() == ']' && written.size() > 2) {
        read_ipv6(written, host);
        return host;
    }
    const auto decoded = written.find('%') == std::string_view::npos ? std::string(written)
                                                                     : percent_decoded(written);
    if (is_ascii(decoded)) {
        host.name = host.ascii = lower(decoded);
    } else {
        map_unicode(to_valid_utf8(decoded), host);
    }
    if (!host.name.empty() && host.name.back() == '.') host.name.pop_back();
    if (!host.ascii.empty() && host.ascii.back() == '.') host.ascii.pop_back();
    if (host.name.empty() || std::any_of(host.name.begin(), host.name.end(), is_forbidden)) {
        set_bad(host);
    } else if (ends_in_a_number(host.name)) {
        const auto quad = ipv4(host.name);
        if (!quad) {
            set_bad(host);
            return host;
        }
        host.is_ip = true;
        host.odd_ip = *quad != written;
        host.name = host.ascii = *quad;
    }
    return host;
}

}  // namespace cordon
