// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/dns.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/text.h"

namespace cordon {
namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabel = 63;

}  // namespace

DnsAnswerPtr failed_answer(std::string reason, std::uint32_t ttl) {
    auto out = std::make_shared<DnsAnswer>();
    out->reason = std::move(reason);
    out->ttl = ttl;
    return out;
}

DnsAnswerPtr absent_answer(DnsAnswer::Status status, std::uint32_t ttl) {
    auto out = std::make_shared<DnsAnswer>();
    out->status = status;
    out->ttl = ttl;
    return out;
}

std::string_view type_name(DnsType type) {
    switch (type) {
        case DnsType::a: return "A";
        case DnsType::ns: return "NS";
        case DnsType::cname: return "CNAME";
        case DnsType::ptr: return "PTR";
        case DnsType::mx: return "MX";
        case DnsType::txt: return "TXT";
        case DnsType::aaaa: return "AAAA";
    }
    return "?";
}

std::string normal_name(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    return lower(name);
}

bool is_domain_name(std::string_view name) {
    if (name.empty() || name.size() > kMaxName) return false;
    const auto labels = split(name, '.');
    return std::all_of(labels.begin(), labels.end(),
                       [](auto label) { return !label.empty() && label.size() <= kMaxLabel; });
}

std::string reversed_address(const IpAddress& ip) {
    const auto& bytes = ip.bytes();
    if (ip.family() == IpAddress::Family::v4)
        return fmt::format("{}.{}.{}.{}", bytes[3], bytes[2], bytes[1], bytes[0]);
    if (ip.family() == IpAddress::Family::none) return {};
    std::string out;
    for (auto at = bytes.size(); at-- > 0;)
        out += fmt::format("{}{:x}.{:x}", out.empty() ? "" : ".", bytes.at(at) & 15U,
                           bytes.at(at) >> 4U);
    return out;
}

std::string reverse_name(const IpAddress& ip) {
    if (!ip.is_known()) return {};
    return reversed_address(ip) +
           (ip.family() == IpAddress::Family::v4 ? ".in-addr.arpa" : ".ip6.arpa");
}

}  // namespace cordon
