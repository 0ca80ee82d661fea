// SPDX-License-Identifier: GPL-2.0-only
// What the configuration says of lookups: name servers, authentication, DNS lists.
#pragma once

#include <string>
#include <vector>

#include "conf/values.h"

namespace cordon {

/// "none"; "system" or nothing: those of /etc/resolv.conf; else ADDRESS, ADDRESS:PORT,
/// [ADDRESS]:PORT.
struct NameServerList {
    bool is_off = false;
    std::vector<std::string> value;
    bool is_explicit = false;  // the file names them, if only by "system"
};
std::string to_text(const NameServerList& value);

struct DnsOptions {
    NameServerList servers;
    Duration timeout{Milliseconds(2'000)};
};

/// One [dnsbl.NAME].
struct DnsListOptions {
    std::string name;  // of the section, in lower case
    bool is_enabled = true;
    std::string zone;  // "{key}" in it stands for what the key file holds
    std::string key_file;
    WordList looks_at;  // client received helo sender url email
    Threshold score{1};
    WordList answers;           // ADDRESS, RANGE or NETWORK, with :LABEL:SCORE
    std::string hash = "sha1";  // of addresses
    std::string where;
};

struct AuthOptions {
    WordList trusted_sealers;  // of ARC, domains
    bool honour_dmarc_reject = false;
    bool keep_local_results = false;
};

}  // namespace cordon
