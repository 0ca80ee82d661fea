// SPDX-License-Identifier: GPL-2.0-only
// Domain names of mail: their form in the DNS (IDNA 2008 with UTS 46), and who owns them.
#pragma once

#include <string>
#include <string_view>

namespace cordon {

/// Lower case, without the final dot, U-labels as A-labels (RFC 7208 section 4.3, RFC 8616); what
/// has no such form comes back in lower case as it is, and no lookup finds it.
std::string ascii_domain(std::string_view domain);

/// The organizational domain by the public suffix list built into libpsl (RFC 7489 section 3.2):
/// one label more than the suffix; the name itself where it is a suffix or there is none.
std::string organizational_domain(std::string_view domain);

/// The public suffix that a name stands below; empty when it is one.
std::string public_suffix_of(std::string_view domain);

}  // namespace cordon
