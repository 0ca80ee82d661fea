// SPDX-License-Identifier: GPL-2.0-only
// The way a message says it came: its Received fields (RFC 5321 section 4.4) as Postfix, Sendmail,
// Exim, Exchange and qmail write them, and the domains that speak for its author. Anybody can write
// such lines, so they prove nothing good; what is odd in them is odd.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/ip_address.h"
#include "scoring/checks/check.h"

namespace cordon {

struct Hop {
    std::string helo;         // lower case; what the client called itself
    std::string name;         // lower case; what the DNS calls it; empty when unknown or not told
    bool is_unnamed = false;  // the server looked, and the DNS has no name
    std::optional<IpAddress> client;
    std::string by;                 // lower case
    bool is_authenticated = false;  // the client logged in (RFC 3848: ESMTPA, ESMTPSA)
    std::int64_t unix_seconds = 0;  // 0: not understood
};

/// The hops, newest first, at most 30.
std::vector<Hop> read_trail(const HeaderBlock& headers);
Hop parse_received(std::string_view value);

/// Whether an address is of the Internet: not private, loopback or link-local.
bool is_public(const IpAddress& address);

/// Whether a host name looks made from its address, as lines of households bear it.
bool is_dialup_name(std::string_view name);

/// Domains (owner_of) in the signatures (DKIM-Signature d=), as claimed.
std::vector<std::string> signing_owners(const HeaderBlock& headers);

/// Host behind the @ of the Message-ID, lower case; empty when there is none.
std::string message_id_host(const HeaderBlock& headers);

}  // namespace cordon
