// SPDX-License-Identifier: GPL-2.0-only
// DNS lists (RFC 5782): addresses, domains and hashes of addresses that somebody else lists. An
// answer outside 127.0.0.0/8 is none; 127.255.255.0/24 says that the list does not answer us.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "conf/configuration.h"
#include "conf/dns_lists.h"
#include "scoring/analysis/analysis.h"
#include "scoring/lookups/lookups.h"

namespace cordon {

/// A list ready to be asked.
struct DnsList {
    DnsListOptions options;
    std::string zone;  // with the key, so that it is written nowhere
    std::vector<DnsListAnswer> answers;
    std::shared_ptr<std::atomic<bool>> has_refused;  // said aloud once
};

/// The enabled lists; one whose key cannot be read is left out, and the log says so.
std::vector<DnsList> load_dns_lists(const Configuration& configuration);

/// What a list may be asked about one message, as far as it is known.
struct ListFacts {
    IpAddress client;
    std::string helo;
    std::string mail_from;
    const Analysis* content = nullptr;  // null: not yet
};

struct ListSubject {
    std::string name;   // below the zone
    std::string shown;  // for the detail of a hit
};
std::vector<ListSubject> subjects_of(const DnsList& list, const ListFacts& facts);

struct ListFinding {
    std::vector<Hit> hits;
    std::string problem;  // why nothing is known; empty: it is
};
ListFinding read_list_answer(const DnsList& list, const ListSubject& subject,
                             const DnsAnswer& answer);

}  // namespace cordon
