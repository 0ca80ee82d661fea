// SPDX-License-Identifier: GPL-2.0-only
// What the workers found in one message: plain data, no behaviour. This header is what the network
// side knows about content; it refers to no parser.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conf/base/ip_address.h"

namespace cordon {

/// A rule that matched. Rules travel by name; scores and words are the catalogue's.
struct Hit {
    std::string rule;
    std::string detail;  // what was seen, printable UTF-8, at most 200 bytes
};

/// Why content could not be judged in full. The first three are policy keys of their own.
enum class Unread : std::uint8_t {
    scan_failed,  // our fault: I/O error, no database, no worker
    unscanned,    // the message's fault: limit, damage, deadline, two workers died
    encrypted,    // password-protected content
    oversize,     // only the first part of the message was judged
};

struct UnreadReason {
    Unread kind = Unread::unscanned;
    std::string detail;
};

struct PartFact {
    int reading = 0;
    int depth = 0;
    std::string type;
    std::string name;
    std::uint64_t size = 0;
    std::string sha256;  // hex, of the decoded bytes
};

/// Answer of a content worker.
struct Analysis {
    std::vector<Hit> hits;
    std::vector<UnreadReason> unread;
    std::vector<PartFact> parts;
    std::vector<std::string> urls;
    int readings = 1;
    std::string subject;       // decoded, printable
    std::string from;          // decoded From field, printable
    std::string from_domain;   // domain of the only mailbox in the only From; empty otherwise
    std::string from_address;  // its address
    std::string report;  // plain text for people: what the message is, excerpt, defanged links
    std::uint64_t elapsed_us = 0;
};

/// Answer of an antivirus worker. CL_CLEAN alone is never clean: `unread` says what was not
/// scanned.
struct AntivirusResult {
    std::string virus;      // name of the signature, empty when none
    std::vector<Hit> hits;  // heuristics of libclamav that are scores, not viruses
    std::vector<UnreadReason> unread;
    std::uint64_t elapsed_us = 0;
};

/// What content rules may know of the SMTP session: copied into the request to a worker.
struct EnvelopeFacts {
    std::string client_name;  // as the MTA verified it; empty when unknown
    IpAddress client;
    std::string helo;
    std::string mail_from;                // without <>, empty for the null sender
    std::vector<std::string> recipients;  // without <>, the first 100
    std::string auth_user;                // SASL login name, empty when not authenticated
    std::int64_t received_at = 0;         // seconds since the epoch
};

}  // namespace cordon
