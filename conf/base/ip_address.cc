// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.find('\0') != std::string_view::npos)
        return std::nullopt;  // inet_pton would stop there
    const std::string copy(text);
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    if (::inet_pton(AF_INET, copy.c_str(), &v4.sin_addr) == 1)
        return from(reinterpret_cast<const sockaddr*>(&v4));
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    if (::inet_pton(AF_INET6, copy.c_str(), &v6.sin6_addr) == 1)
        return from(reinterpret_cast<const sockaddr*>(&v6));
    return std::nullopt;
}

IpAddress IpAddress::from(const sockaddr* address) {
    IpAddress out;
    if (address == nullptr) return out;
    if (address->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, address, sizeof v4);
        out.family_ = Family::v4;
        std::memcpy(out.bytes_.data(), &v4.sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, address, sizeof v6);
        const auto* bytes = v6.sin6_addr.s6_addr;
        if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes)) {
            out.family_ = Family::v4;
            std::memcpy(out.bytes_.data(), bytes + 12, 4);
        } else {
            out.family_ = Family::v6;
            std::memcpy(out.bytes_.data(), bytes, 16);
        }
    }
    return out;
}

bool IpAddress::is_loopback() const {
    if (family_ == Family::v4) return bytes_[0] == 127;
    if (family_ != Family::v6) return false;
    return std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto b) { return b == 0; }) &&
           bytes_[15] == 1;
}

std::string IpAddress::to_string() const {
    if (family_ == Family::none) return {};
    std::array<char, INET6_ADDRSTRLEN> out{};
    ::inet_ntop(family_ == Family::v4 ? AF_INET : AF_INET6, bytes_.data(), out.data(), out.size());
    return out.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    const unsigned bits = address->family() == IpAddress::Family::v4 ? 32 : 128;
    if (slash == std::string_view::npos) return IpNetwork{*address, bits};
    const auto prefix = parse_unsigned(text.substr(slash + 1));
    if (!prefix || *prefix > bits) return std::nullopt;
    return IpNetwork{*address, static_cast<unsigned>(*prefix)};
}

bool IpNetwork::contains(const IpAddress& ip) const {
    if (ip.family() != address.family()) return false;
    for (unsigned bit = 0; bit < prefix; bit += 8) {
        const unsigned kept = std::min(8U, prefix - bit);
        const unsigned mask = 0xFFU << (8U - kept) & 0xFFU;
        const unsigned difference = static_cast<unsigned>(ip.bytes().at(bit / 8)) ^
                                    static_cast<unsigned>(address.bytes().at(bit / 8));
        if ((difference & mask) != 0) return false;
    }
    return true;
}

}  // namespace cordon
