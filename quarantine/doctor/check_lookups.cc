// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "quarantine/doctor/checks.h"
#include "scoring/lookups/dns_list.h"
#include "scoring/lookups/lookups.h"

namespace cordon {

namespace {

/// Anybody may ask them, so lists refuse them or count them as one customer.
constexpr std::array<std::string_view, 16> kPublicResolvers = {
    "8.8.8.8",        "8.8.4.4",         "2001:4860:4860::8888", "2001:4860:4860::8844",
    "1.1.1.1",        "1.0.0.1",         "2606:4700:4700::1111", "2606:4700:4700::1001",
    "9.9.9.9",        "149.112.112.112", "2620:fe::fe",          "208.67.222.222",
    "208.67.220.220", "94.140.14.14",    "94.140.15.15",         "185.228.168.9",
};
constexpr const char* kOwnResolver = "[dns] servers = 127.0.0.1 (apt-get install unbound)";

/// "[2001:db8::1]:53", "192.0.2.1:53" or an address.
IpAddress address_of(std::string_view server) {
    if (server.starts_with('['))
        return IpAddress::parse(server.substr(1, server.find(']') - 1)).value_or(IpAddress());
    if (const auto whole = IpAddress::parse(server)) return *whole;
    return IpAddress::parse(server.substr(0, server.rfind(':'))).value_or(IpAddress());
}

void check_servers(const Configuration& c, Findings& out) {
    const bool has_lists = std::any_of(c.dns_lists.begin(), c.dns_lists.end(),
                                       [](const auto& list) { return list.is_enabled; });
    for (const auto& server : c.dns.servers.value) {
        const auto address = address_of(server);
        const auto shown = address.to_string();
        const bool is_public = std::any_of(kPublicResolvers.begin(), kPublicResolvers.end(),
                                           [&](auto known) { return known == shown; });
        if (address.is_known() && is_public)
            out.push_back({has_lists ? Health::error : Health::warning, "dns",
                           server + " is a public resolver: DNS lists do not answer it",
                           kOwnResolver});
    }
}

/// What is asked, all at once, and looked at when the answers are there.
class NameQuestions {
 public:
    NameQuestions(const Configuration& c, const ResolverPtr& resolver, Findings& out)
        : lookups_(resolver), lists_(load_dns_lists(c)), out_(out) {
        // Long and random: nobody has registered it.
        absent_ = fmt::format("cordon-doctor-{:x}-{:x}.com", ::getpid(),
                              Steady::now().time_since_epoch().count());
        for (const auto& options : c.dns_lists) {
            const bool is_loaded = std::any_of(lists_.begin(), lists_.end(), [&](const auto& list) {
                return list.options.name == options.name;
            });
            if (options.is_enabled && !is_loaded)
                add(Health::error, "dns list " + options.name, "its key can't be read",
                    fmt::format("[dnsbl.{}] key-file = {}: readable for this user", options.name,
                                options.key_file));
        }
    }

    void ask() {
        lookups_.find("com", DnsType::ns);
        lookups_.find(absent_, DnsType::a);
        for (const auto& list : lists_)
            for (const bool is_listed : {true, false}) test_answer(list, is_listed);
    }
    bool wait(Deadline deadline) {
        while (lookups_.is_waiting())
            if (!lookups_.wait(deadline) && deadline.is_over()) break;
        lookups_.expire("no answer in time");
        return true;
    }
    void judge();

 private:
    void add(Health health, const std::string& subject, const std::string& what,
             const std::string& remedy = "") {
        out_.push_back({health, subject, what, remedy});
    }
    /// RFC 5782 section 5: 127.0.0.2 or TEST is listed, 127.0.0.1 or INVALID never.
    DnsAnswerPtr test_answer(const DnsList& list, bool is_listed) {
        const auto& looks_at = list.options.looks_at.value;
        const bool has_addresses = std::any_of(looks_at.begin(), looks_at.end(), [](const auto& w) {
            return w == "client" || w == "received";
        });
        const char* const name = has_addresses ? (is_listed ? "2.0.0.127." : "1.0.0.127.")
                                               : (is_listed ? "test." : "invalid.");
        return lookups_.find_listed(name + list.zone);
    }
    void judge_list(const DnsList& list);

    Lookups lookups_;
    std::vector<DnsList> lists_;
    Findings& out_;
    std::string absent_;
};

void NameQuestions::judge_list(const DnsList& list) {
    const auto subject = "dns list " + list.options.name;
    const auto off = fmt::format("[dnsbl.{}] enabled = no", list.options.name);
    const auto listed = test_answer(list, true);
    const auto absent = test_answer(list, false);
    const auto refusal = [](const DnsAnswer& answer) {
        const auto found =
            std::find_if(answer.addresses.begin(), answer.addresses.end(),
                         [](const auto& ip) { return ip.to_string().starts_with("127.255.255."); });
        return found == answer.addresses.end() ? std::string() : found->to_string();
    };
    const auto refused = refusal(*listed).empty() ? refusal(*absent) : refusal(*listed);
    if (!refused.empty())
        return add(Health::error, subject, "refuses us (" + refused + ")",
                   "a resolver of your own, a key, or " + off);
    if (listed->is_failed() || absent->is_failed())
        return add(Health::warning, subject,
                   "does not answer: " + (listed->is_failed() ? listed->reason : absent->reason),
                   off);
    if (absent->is_found())
        return add(Health::error, subject, "lists everything (it names what must not be listed)",
                   off);
    if (!listed->is_found())
        return add(Health::note, subject, "does not name its test entry (RFC 5782)",
                   "is the zone spelt right?");
    add(Health::good, subject, "answers");
}

void NameQuestions::judge() {
    const auto known = lookups_.find("com", DnsType::ns);
    if (known->is_failed())
        return add(Health::error, "dns", "no name server answers: " + known->reason, kOwnResolver);
    const auto absent = lookups_.find(absent_, DnsType::a);
    if (absent->is_found())
        add(Health::error, "dns",
            fmt::format("the name server answers for names that do not exist ({}): lists of any "
                        "kind would hit all mail",
                        absent->addresses.empty() ? "an alias" : absent->addresses[0].to_string()),
            kOwnResolver);
    else if (absent->is_failed())
        add(Health::warning, "dns", "a name that does not exist fails: " + absent->reason,
            kOwnResolver);
    else
        add(Health::good, "dns", "answers, and knows what does not exist");
    for (const auto& list : lists_) judge_list(list);
}

}  // namespace

void check_lookups(const Configuration& c, const ResolverPtr& resolver, Deadline deadline,
                   Findings& out) {
    if (!resolver) {
        out.push_back({Health::note, "dns", "off: no SPF, DKIM, DMARC, ARC, no lists",
                       "[dns] servers = system"});
        return;
    }
    check_servers(c, out);
    NameQuestions questions(c, resolver, out);
    questions.ask();
    questions.wait(deadline);
    questions.judge();
}

}  // namespace cordon
