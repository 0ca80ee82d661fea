// SPDX-License-Identifier: GPL-2.0-only
// DNS lists of the configuration, [dnsbl.NAME]: what their answers mean, and the rules they make.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/ip_address.h"
#include "conf/base/result.h"
#include "conf/lookup_options.h"

namespace cordon {

/// "127.0.0.2", "127.0.0.4-7", "127.0.1.0/24" or "127.0.0.0&8", each with ":LABEL" or
/// ":LABEL:SCORE" if wanted.
struct DnsListAnswer {
    IpAddress first;
    IpAddress last;
    unsigned bits =
        0;  // any of these must be set in the last byte; such answers count side by side
    std::string label;  // upper case; empty: the list's own rule
    std::optional<double> score;

    bool contains(const IpAddress& ip) const {
        return ip.family() == first.family() && first.bytes() <= ip.bytes() &&
               ip.bytes() <= last.bytes() && (bits == 0 || (ip.bytes()[3] & bits) != 0);
    }
};
Result<DnsListAnswer> parse_list_answer(std::string_view text);

/// The error names the key.
Result<void> check_dns_list(const DnsListOptions& list);

struct DnsListRule {
    std::string name;  // DNSBL_NAME, DNSBL_NAME_LABEL
    double score = 0;
    std::string describe;
};
/// One for the list itself and one for each label.
std::vector<DnsListRule> rules_of(const DnsListOptions& list);
std::string rule_name(const DnsListOptions& list, std::string_view label);

}  // namespace cordon
