// SPDX-License-Identifier: GPL-2.0-only
// DNS messages (RFC 1035 section 4) as far as we ask and read them. Answers come from the network
// and from servers that senders run: every length and pointer is checked, compression can't loop,
// and records of other names or types are passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scoring/lookups/dns.h"

namespace cordon {

/// A recursive query with EDNS (RFC 6891). The name must be is_domain_name() or empty (the root).
std::string encode_query(const DnsQuestion& question, std::uint16_t id);

/// Reads a response to `question`, following CNAMEs within it. A record that is cut or impossible
/// makes the whole answer a failed one.
DnsAnswer parse_answer(std::string_view message, const DnsQuestion& question);

}  // namespace cordon
