// SPDX-License-Identifier: GPL-2.0-only
// The digest as a message (RFC 5322, RFC 3834): plain text, in one language. What senders wrote is
// quoted in a form that no mail program makes a link of; the only address that works is the one
// that releases.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conf/quarantine_values.h"

namespace cordon {

struct DigestEntry {
    std::string id = {};
    std::string from = {};  // printable, as is all that follows
    std::string subject = {};
    std::string score = {};
    std::string reason = {};
    std::string virus = {};
    std::string token = {};  // empty: can't be released by its recipient
    std::int64_t received_at = 0;
};

struct Digest {
    std::string address = {};  // whom it is for
    Language language = Language::english;
    std::vector<DigestEntry> entries = {};  // the oldest first
    std::uint32_t more = 0;                 // held too, and not listed
    std::int64_t kept_until = 0;            // the oldest one; 0: for ever
};

struct DigestSender {
    std::string answers;  // the address to which answers go
    std::string host;     // our name
    std::int64_t now = 0;
};

/// Header fields, an empty line and the body, with CRLF line ends.
std::string digest_mail(const Digest& digest, const DigestSender& sender);

/// Text that no mail program makes a link of: "dana[at]example[.]net".
std::string without_addresses(std::string_view text);

}  // namespace cordon
