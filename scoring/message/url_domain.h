// SPDX-License-Identifier: GPL-2.0-only
// Who owns a host name: the public suffix list as built into libpsl (no file is read).
#pragma once

#include <string>
#include <string_view>

namespace cordon {

/// "example.co.uk" of "mail.example.co.uk"; empty for public suffixes, IP addresses and names
/// without a known suffix. Punycode or lower-case UTF-8.
std::string registered_domain(std::string_view host);

/// Whether a top-level domain (lower case, without a dot) is delegated in the DNS.
bool is_known_tld(std::string_view tld);

/// The host with its xn-- labels in Unicode; as given when they are not valid.
std::string unicode_host(std::string_view host);

}  // namespace cordon
