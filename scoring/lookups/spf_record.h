// SPDX-License-Identifier: GPL-2.0-only
// SPF records (RFC 7208 section 12) as terms, and their macros (section 7). A syntax error anywhere
// makes the whole record an error. Records are bounded by what a DNS message holds; reading one is
// linear.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/ip_address.h"
#include "conf/base/result.h"

namespace cordon {

enum class SpfMechanism : std::uint8_t { all, include, a, mx, ptr, ip4, ip6, exists };

struct SpfTerm {
    char qualifier = '+';
    SpfMechanism mechanism = SpfMechanism::all;
    std::string domain;  // a macro string; empty: the current domain
    IpNetwork network;   // of ip4 and ip6
    unsigned prefix4 = 32;
    unsigned prefix6 = 128;
    std::string text;  // as written, for the explanation
};

struct SpfRecord {
    std::vector<SpfTerm> terms;
    std::string redirect;  // macro strings; empty: none
    std::string exp;
};

/// Whether a TXT record claims to be SPF at all (section 4.5).
bool is_spf_record(std::string_view text);

/// `text` is_spf_record().
Result<SpfRecord> parse_spf_record(std::string_view text);

/// What macros stand for.
struct SpfMacros {
    std::string local_part;     // l
    std::string sender_domain;  // o; s is both
    std::string domain;         // d
    IpAddress client;           // i, c, v
    std::string helo;           // h
    std::string validated;      // p
    std::string receiver;       // r
    std::int64_t now = 0;       // t
};

/// Whether `text` mentions %{p}, which takes lookups to know.
bool needs_validated_domain(std::string_view text);

/// Nothing for a syntax error; `is_explanation` also knows the letters c, r and t.
std::optional<std::string> expand_spf_macros(std::string_view text, const SpfMacros& macros,
                                             bool is_explanation);

}  // namespace cordon
