// SPDX-License-Identifier: GPL-2.0-only
// IPv4 and IPv6 addresses and networks (RFC 4291, RFC 4632). IPv4-mapped IPv6 counts as IPv4.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace cordon {

class IpAddress {
 public:
    enum class Family : std::uint8_t { none, v4, v6 };

    IpAddress() = default;
    static std::optional<IpAddress> parse(std::string_view text);
    static IpAddress from(const sockaddr* address);  // none for other families and null

    Family family() const { return family_; }
    bool is_known() const { return family_ != Family::none; }
    bool is_loopback() const;
    const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }  // v4: the first four
    std::string to_string() const;                                        // empty for none

    friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
    Family family_ = Family::none;
    std::array<std::uint8_t, 16> bytes_{};
};

struct IpNetwork {
    IpAddress address;
    unsigned prefix = 0;

    /// "192.0.2.0/24", "2001:db8::/32" or a single address.
    static std::optional<IpNetwork> parse(std::string_view text);
    bool contains(const IpAddress& ip) const;
};

}  // namespace cordon
