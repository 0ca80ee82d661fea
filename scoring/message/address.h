// SPDX-License-Identifier: GPL-2.0-only
// Address lists of RFC 5322 section 3.4 (From, To, Reply-To, ...), read as leniently as mail
// clients do, since what people see is what matters. Envelope paths are conf/base/mail_address.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cordon {

struct Mailbox {
    std::string display_name;  // decoded, UTF-8; empty when there is none
    std::string local_part;    // as written, quotes removed
    std::string domain;        // lower case; empty when there is no @

    std::string address() const { return domain.empty() ? local_part : local_part + "@" + domain; }
};

/// All mailboxes of a field value, groups flattened, at most `limit`.
std::vector<Mailbox> parse_mailboxes(std::string_view value, std::size_t limit = 200);

}  // namespace cordon
