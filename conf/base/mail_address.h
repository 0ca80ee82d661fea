// SPDX-License-Identifier: GPL-2.0-only
// Envelope paths (RFC 5321 section 4.1.2). The bytes as received are what the MTA is told; what is
// parsed here selects policy and is written to logs.
#pragma once

#include <string>
#include <string_view>

namespace cordon {

/// "<Alice@Example.org>" or "Alice@Example.org" -> "Alice@Example.org"; "<>" -> "".
std::string_view without_brackets(std::string_view path);

/// One spelling for a domain: lower case, without the final dot, and where it holds letters beyond
/// ASCII its form for the DNS ("xn--"; RFC 5891). What has no such form stays as it is.
std::string domain_key(std::string_view domain);

/// The domain_key() of what follows the @; empty when there is none.
std::string domain_of(std::string_view address);

/// The one spelling under which a mailbox is looked up, since an MTA delivers all of them to the
/// same: lower case, without source route, final dot and the quotes around the local part.
std::string mailbox_key(std::string_view address);

/// Same mailbox: domains compare without case, and so do local parts, since nobody distinguishes
/// them.
bool is_same_mailbox(std::string_view a, std::string_view b);

/// local@domain without blanks, control characters or brackets, within the limits of RFC 5321.
bool is_mailbox(std::string_view address);

}  // namespace cordon
