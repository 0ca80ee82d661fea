// SPDX-License-Identifier: GPL-2.0-only
// What the workers found in one message: plain data, no behaviour. This header is what the network
// side knows about content; it refers to no parser.
#pragma once

#include <cstdint>
#include <optional>
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

/// A kind of file that the message brings, in an archive or not: one entry for each extension and
/// type, whatever their number.
struct FileFact {
    std::string extension;  // lower case, without the dot; empty: none
    std::string type;       // by its content where that shows, else as declared
    std::string name;       // of one such file
};

struct PartFact {
    int reading = 0;
    int depth = 0;
    std::string type;
    std::string name;
    std::uint64_t size = 0;
    std::string sha256;  // hex, of the decoded bytes
};

/// One signature of DKIM (RFC 6376) or ARC (RFC 8617), parsed and hashed by the worker; what is
/// left is to look its key up and to verify `signature` over `digest`.
struct SignatureFact {
    std::string problem;      // why it can't be verified; empty: it can
    bool is_refused = false;  // `problem` is our choice (rsa-sha1, too many signatures)
    std::string domain;       // d=, as the DNS has it
    std::string selector;     // s=
    std::string identity;     // i= of DKIM
    std::string algorithm;    // a=: rsa-sha256 or ed25519-sha256
    std::string mark;         // the first bytes of b=
    std::string digest;       // SHA-256 of the signed header fields, raw
    std::string signature;    // b=, raw
    bool is_body_intact = false;
    std::uint64_t unsigned_bytes = 0;  // of the body, beyond l=
    std::int64_t signed_at = -1;       // t=, seconds since the epoch; -1: not said
    std::int64_t expires = -1;         // x=
    std::string
        passed_domain;  // of a seal: for whose mail its Authentication-Results say DMARC pass
};

struct ArcFacts {
    std::string problem;               // the chain is broken before any key is looked up
    std::vector<SignatureFact> seals;  // in order of their instance, from 1
    SignatureFact message_signature;   // the newest
};

/// What a Received field (RFC 5321 section 4.4) says of the client it came from.
struct ReceivedHop {
    IpAddress client;
    std::string helo;
};

/// What weighed most in the classifier's opinion: "subject viagra", above zero for spam.
struct TokenWeight {
    std::string token;
    double weight = 0;
};

/// What the classifier thinks, and on how much learned mail that rests.
struct Opinion {
    double probability = 0.5;  // that it is spam
    std::uint64_t ham = 0;
    std::uint64_t spam = 0;
    std::vector<TokenWeight> tokens;  // heaviest first
};

/// Answer of a content worker.
struct Analysis {
    std::vector<Hit> hits;
    std::vector<UnreadReason> unread;
    std::vector<PartFact> parts;
    std::vector<FileFact> files;  // at most 300; more are a reason to call the message unscanned
    std::vector<std::string> urls;
    int readings = 1;
    std::string subject;       // decoded, printable
    std::string from;          // decoded From field, printable
    std::string from_domain;   // domain of the only mailbox in the only From; empty otherwise
    std::string from_address;  // its address
    unsigned authors = 0;      // mailboxes in all From fields
    std::vector<SignatureFact> signatures;  // DKIM, as they stand in the header
    ArcFacts arc;
    std::vector<ReceivedHop> hops;   // the newest first, at most 20
    std::vector<std::string> hosts;  // of links, as the DNS has them; each once, at most 50
    std::string reply_to;            // address of the first mailbox in Reply-To
    std::string report;  // plain text for people: what the message is, excerpt, defanged links
    std::optional<Opinion> opinion;  // absent: nothing is learned here
    std::string identity;  // hex: the same message wherever it is met again; with `features` only
    std::string features;  // encoded, of feature_vector.h; only when asked for
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
