// SPDX-License-Identifier: GPL-2.0-only
// Questions to the DNS and their answers as everything above uses them. An answer that failed is
// unknown: neither "there is none" nor "there is one".
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/ip_address.h"

namespace cordon {

/// RFC 1035 section 3.2.2, RFC 3596.
enum class DnsType : std::uint16_t {
    a = 1,
    ns = 2,
    cname = 5,
    ptr = 12,
    mx = 15,
    txt = 16,
    aaaa = 28
};

struct DnsQuestion {
    std::string name;  // lower case, without the final dot; any bytes between the dots
    DnsType type = DnsType::a;

    // clang-tidy 14 sees a null pointer in it. NOLINTNEXTLINE(modernize-use-nullptr)
    friend auto operator<=>(const DnsQuestion&, const DnsQuestion&) = default;
};

struct DnsAnswer {
    enum class Status : std::uint8_t {
        found,
        no_data,  // the name exists, without such a record
        no_name,  // NXDOMAIN
        failed,   // time, SERVFAIL, nonsense: `reason` says which
    };
    Status status = Status::failed;
    std::string reason;
    std::vector<std::string> texts;    // TXT: the strings of one record joined
    std::vector<IpAddress> addresses;  // A, AAAA
    std::vector<std::string> names;    // PTR, NS; MX by preference
    std::uint32_t ttl = 0;             // seconds that the answer holds

    bool is_found() const { return status == Status::found; }
    bool is_failed() const { return status == Status::failed; }
    /// Known to be absent.
    bool is_void() const { return status == Status::no_data || status == Status::no_name; }
};
using DnsAnswerPtr = std::shared_ptr<const DnsAnswer>;

DnsAnswerPtr failed_answer(std::string reason, std::uint32_t ttl = 0);
DnsAnswerPtr absent_answer(DnsAnswer::Status status, std::uint32_t ttl = 0);

std::string_view type_name(DnsType type);

/// Lower case, without one final dot.
std::string normal_name(std::string_view name);

/// Labels of 1 to 63 bytes, 253 in all (RFC 1035 section 2.3.4): what can be asked at all.
bool is_domain_name(std::string_view name);

/// "4.3.2.1" or the nibbles of RFC 3596 section 2.5, without a zone; empty for no address.
std::string reversed_address(const IpAddress& ip);
/// The name that PTR records of an address stand under.
std::string reverse_name(const IpAddress& ip);

/// What gives answers: the DNS, or a file of zones.
class Resolver {
 public:
    using Done = std::function<void(const DnsQuestion&, DnsAnswerPtr)>;

    Resolver() = default;
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    virtual ~Resolver() = default;

    /// The answer when it is there at once. Otherwise null, and `done` is called once, later, from
    /// another thread; it must not block.
    virtual DnsAnswerPtr ask(const DnsQuestion& question, Done done) = 0;
};
using ResolverPtr = std::shared_ptr<Resolver>;

}  // namespace cordon
