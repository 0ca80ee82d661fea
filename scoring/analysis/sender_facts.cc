// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/sender_facts.h"

#include <set>

#include "conf/base/text.h"
#include "scoring/analysis/derived.h"
#include "scoring/analysis/signatures.h"
#include "scoring/message/address.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxHops = 20;
constexpr std::size_t kMaxHosts = 50;
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxAddress = 320;

void add_authors(const Message& message, Analysis& analysis) {
    for (const auto& field : message.headers().fields()) {
        if (is_field(field, "Reply-To") && analysis.reply_to.empty()) {
            const auto mailboxes = parse_mailboxes(field.value, 5);
            if (!mailboxes.empty())
                analysis.reply_to = printable(mailboxes.front().address(), kMaxAddress);
        }
        if (!is_field(field, "From")) continue;
        const auto mailboxes = parse_mailboxes(field.value);
        analysis.authors += static_cast<unsigned>(mailboxes.size());
        if (mailboxes.size() == 1)
            analysis.from_address = printable(mailboxes.front().address(), kMaxAddress);
    }
    if (analysis.authors != 1 || message.headers().count("From") != 1)
        analysis.from_address.clear();
}

void add_hosts(const Message& message, Analysis& analysis) {
    std::set<std::string_view> seen;
    for (const auto& link : message.links()) {
        const auto& host = link.url.host_is_ip ? link.url.host : link.url.host_ascii;
        if (host.empty() || host.size() > kMaxName || !seen.insert(host).second) continue;
        if (analysis.hosts.size() >= kMaxHosts) return;
        analysis.hosts.push_back(printable(host, kMaxName));
    }
}

}  // namespace

void add_sender_facts(const CheckInput& input, Analysis& analysis) {
    const Message& message = input.message;
    add_authors(message, analysis);
    for (const auto& hop : trail_of(input)) {
        if (analysis.hops.size() >= kMaxHops) break;
        analysis.hops.push_back({hop.client.value_or(IpAddress()), printable(hop.helo, kMaxName)});
    }
    add_hosts(message, analysis);
    auto signatures = read_signatures(message.raw());
    analysis.signatures = std::move(signatures.dkim);
    analysis.arc = std::move(signatures.arc);
}

}  // namespace cordon
