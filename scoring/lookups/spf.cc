// SPDX-License-Identifier: GPL-2.0-only
// check_host() of RFC 7208 section 4. What is pending unwinds the whole evaluation; the next run
// finds the answers and gets further.
#include "scoring/lookups/spf.h"

#include <algorithm>

#include "conf/base/text.h"
#include "scoring/lookups/internet_name.h"
#include "scoring/lookups/spf_record.h"

namespace cordon {

namespace {

// Section 4.6.4.
constexpr int kMaxTerms = 10;
constexpr int kMaxVoid = 2;
constexpr std::size_t kMaxHosts = 10;
constexpr std::size_t kMaxExplanation = 1000;

enum class Match : std::uint8_t { yes, no, pending, temperror, permerror };

struct Found {
    SpfResult result = SpfResult::none;
    std::string reason;
    std::string domain;  // whose record decided
    std::string exp;     // and its explanation
};
using MaybeFound = std::optional<Found>;  // nothing: pending

bool is_subdomain(std::string_view name, std::string_view parent) {
    return name == parent || (name.size() > parent.size() && name.ends_with(parent) &&
                              name[name.size() - parent.size() - 1] == '.');
}

/// At most 253 bytes, labels taken from the left (section 7.3).
std::string shortened(std::string name) {
    if (name.ends_with('.')) name.pop_back();
    while (name.size() > 253) {
        const auto dot = name.find('.');
        if (dot == std::string::npos) break;
        name.erase(0, dot + 1);
    }
    return name;
}

class SpfCheck {
 public:
    SpfCheck(const SpfQuery& query, Lookups& lookups) : lookups_(lookups) {
        const auto at = query.sender.rfind('@');
        const auto local = query.sender.substr(0, at == std::string::npos ? 0 : at);
        macros_.local_part = local.empty() ? "postmaster" : local;
        macros_.sender_domain =
            at == std::string::npos ? query.sender : query.sender.substr(at + 1);
        macros_.client = query.client;
        macros_.helo = query.helo;
        macros_.receiver = query.receiver;
        macros_.now = query.now;
    }

    std::optional<SpfOutcome> run();

 private:
    MaybeFound evaluate(const std::string& domain);
    MaybeFound follow(const SpfRecord& record, const std::string& domain);
    Match matches(const SpfTerm& term, const std::string& domain);
    Match matches_include(const std::string& target);
    Match matches_mx(const SpfTerm& term, const std::string& target);
    Match matches_ptr(const std::string& target);
    Match matches_exists(const std::string& target);
    Match matches_addresses(const SpfTerm& term, const DnsAnswer& answer) const;
    DnsAnswerPtr addresses_of(const std::string& name) {
        return lookups_.find(name, is_v4() ? DnsType::a : DnsType::aaaa);
    }
    bool is_v4() const { return macros_.client.family() == IpAddress::Family::v4; }

    /// A target name; nothing while pending.
    std::optional<std::string> target_of(const std::string& spec, const std::string& domain);
    /// The explanation; nothing while pending, empty when there is none to be had.
    std::optional<std::string> explain(const Found& found);
    /// A term that asks the DNS; false when there are too many.
    bool count_term() { return ++terms_ <= kMaxTerms; }
    bool count_void(const DnsAnswer& answer) { return !answer.is_void() || ++voids_ <= kMaxVoid; }
    Match permerror(std::string reason) {
        reason_ = std::move(reason);
        return Match::permerror;
    }
    Match temperror(const std::string& name, const DnsAnswer& answer) {
        reason_ = "lookup of " + printable(name, 100) + ": " + answer.reason;
        return Match::temperror;
    }

    Lookups& lookups_;
    SpfMacros macros_;
    int terms_ = 0;
    int voids_ = 0;
    std::string reason_;  // of the last error
};

std::optional<std::string> SpfCheck::target_of(const std::string& spec, const std::string& domain) {
    if (spec.empty()) return domain;
    macros_.domain = domain;
    if (needs_validated_domain(spec)) {
        const auto validated = validated_names(macros_.client, lookups_);
        if (!validated) return std::nullopt;
        // Section 7.3: the domain itself, then one below it, then any.
        macros_.validated = validated->names.empty() ? "unknown" : validated->names.front();
        for (const auto& name : validated->names)
            if (is_subdomain(name, domain)) macros_.validated = name;
        for (const auto& name : validated->names)
            if (name == domain) macros_.validated = name;
    }
    return lower(shortened(expand_spf_macros(spec, macros_, false).value_or("")));
}

Match SpfCheck::matches_addresses(const SpfTerm& term, const DnsAnswer& answer) const {
    const unsigned prefix = is_v4() ? term.prefix4 : term.prefix6;
    const bool found = std::any_of(answer.addresses.begin(), answer.addresses.end(),
                                   [&](const IpAddress& address) {
                                       return IpNetwork{address, prefix}.contains(macros_.client);
                                   });
    return found ? Match::yes : Match::no;
}

Match SpfCheck::matches_mx(const SpfTerm& term, const std::string& target) {
    const auto answer = lookups_.find(target, DnsType::mx);
    if (!answer) return Match::pending;
    if (answer->is_failed()) return temperror(target, *answer);
    if (!count_void(*answer)) return permerror("more than two lookups without an answer");
    const auto& hosts = answer->names;
    // All of them are asked at once, but looked at in order.
    for (std::size_t i = 0; i < std::min(hosts.size(), kMaxHosts); ++i) addresses_of(hosts[i]);
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (i == kMaxHosts) return permerror("more than ten hosts in one MX");
        const auto addresses = addresses_of(hosts[i]);
        if (!addresses) return Match::pending;
        if (addresses->is_failed()) return temperror(hosts[i], *addresses);
        if (matches_addresses(term, *addresses) == Match::yes) return Match::yes;
    }
    return Match::no;
}

Match SpfCheck::matches_ptr(const std::string& target) {
    const auto validated = validated_names(macros_.client, lookups_);
    if (!validated) return Match::pending;
    const bool found = std::any_of(validated->names.begin(), validated->names.end(),
                                   [&](const auto& name) { return is_subdomain(name, target); });
    return found ? Match::yes : Match::no;
}

Match SpfCheck::matches_exists(const std::string& target) {
    const auto answer = lookups_.find(target, DnsType::a);
    if (!answer) return Match::pending;
    if (answer->is_failed()) return temperror(target, *answer);
    if (answer->is_found()) return Match::yes;
    if (!count_void(*answer)) return permerror("more than two lookups without an answer");
    return Match::no;
}

Match SpfCheck::matches_include(const std::string& target) {
    const auto inner = evaluate(target);
    if (!inner) return Match::pending;
    switch (inner->result) {
        case SpfResult::pass: return Match::yes;
        case SpfResult::temperror: reason_ = inner->reason; return Match::temperror;
        case SpfResult::permerror: return permerror(inner->reason);
        case SpfResult::none:
            return permerror("include of " + printable(target, 100) + ", which has no SPF record");
        default: return Match::no;
    }
}

Match SpfCheck::matches(const SpfTerm& term, const std::string& domain) {
    if (term.mechanism == SpfMechanism::all) return Match::yes;
    if (term.mechanism == SpfMechanism::ip4 || term.mechanism == SpfMechanism::ip6)
        return term.network.contains(macros_.client) ? Match::yes : Match::no;
    if (!count_term()) return permerror("more than ten terms that need lookups");
    const auto target = target_of(term.domain, domain);
    if (!target) return Match::pending;
    switch (term.mechanism) {
        case SpfMechanism::include: return matches_include(*target);
        case SpfMechanism::mx: return matches_mx(term, *target);
        case SpfMechanism::ptr: return matches_ptr(*target);
        case SpfMechanism::exists: return matches_exists(*target);
        default: break;
    }
    const auto answer = addresses_of(*target);
    if (!answer) return Match::pending;
    if (answer->is_failed()) return temperror(*target, *answer);
    if (!count_void(*answer)) return permerror("more than two lookups without an answer");
    return matches_addresses(term, *answer);
}

SpfResult result_of(char qualifier) {
    switch (qualifier) {
        case '-': return SpfResult::fail;
        case '~': return SpfResult::softfail;
        case '?': return SpfResult::neutral;
        default: return SpfResult::pass;
    }
}

MaybeFound SpfCheck::follow(const SpfRecord& record, const std::string& domain) {
    for (const auto& term : record.terms) {
        switch (matches(term, domain)) {
            case Match::yes: return Found{result_of(term.qualifier), term.text, domain, record.exp};
            case Match::no: break;
            case Match::pending: return std::nullopt;
            case Match::temperror: return Found{SpfResult::temperror, reason_, domain, {}};
            case Match::permerror: return Found{SpfResult::permerror, reason_, domain, {}};
        }
    }
    if (record.redirect.empty()) return Found{SpfResult::neutral, "no term matches", domain, {}};
    if (!count_term())
        return Found{SpfResult::permerror, "more than ten terms that need lookups", domain, {}};
    const auto target = target_of(record.redirect, domain);
    if (!target) return std::nullopt;
    auto out = evaluate(*target);
    if (out && out->result == SpfResult::none)
        return Found{SpfResult::permerror,
                     "redirect to " + printable(*target, 100) + ", which has no SPF record",
                     domain,
                     {}};
    return out;
}

MaybeFound SpfCheck::evaluate(const std::string& domain) {
    if (!is_domain_name(domain) || domain.find('.') == std::string::npos)
        return Found{SpfResult::none, "no domain of the DNS", domain, {}};
    const auto answer = lookups_.find(domain, DnsType::txt);
    if (!answer) return std::nullopt;
    if (answer->is_failed()) {
        temperror(domain, *answer);
        return Found{SpfResult::temperror, reason_, domain, {}};
    }
    const auto& texts = answer->texts;
    const auto count = std::count_if(texts.begin(), texts.end(), is_spf_record);
    if (count == 0) return Found{SpfResult::none, "no SPF record", domain, {}};
    if (count > 1)
        return Found{SpfResult::permerror,
                     printable(domain, 100) + " has more than one SPF record",
                     domain,
                     {}};
    const auto record = parse_spf_record(*std::find_if(texts.begin(), texts.end(), is_spf_record));
    if (!record) return Found{SpfResult::permerror, record.error().what, domain, {}};
    return follow(*record, domain);
}

std::optional<std::string> SpfCheck::explain(const Found& found) {
    if (found.exp.empty()) return "";
    const auto target = target_of(found.exp, found.domain);
    if (!target) return std::nullopt;
    const auto answer = lookups_.find(*target, DnsType::txt);
    if (!answer) return std::nullopt;
    if (answer->texts.size() != 1) return "";
    const auto& text = answer->texts.front();
    const bool is_ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
    if (!is_ascii) return "";
    if (needs_validated_domain(text) && !target_of("%{p}", found.domain)) return std::nullopt;
    macros_.domain = found.domain;
    const auto expanded = expand_spf_macros(text, macros_, true);
    return expanded ? printable(*expanded, kMaxExplanation) : "";
}

std::optional<SpfOutcome> SpfCheck::run() {
    const auto domain = ascii_domain(macros_.sender_domain);
    macros_.sender_domain = domain;
    const auto found = evaluate(domain);
    if (!found) return std::nullopt;
    SpfOutcome out{found->result, printable(domain, 255), found->reason, {}};
    if (out.result != SpfResult::fail) return out;
    auto explanation = explain(*found);
    if (!explanation) return std::nullopt;
    out.explanation = std::move(*explanation);
    return out;
}

}  // namespace

std::string_view to_text(SpfResult result) {
    switch (result) {
        case SpfResult::none: return "none";
        case SpfResult::neutral: return "neutral";
        case SpfResult::pass: return "pass";
        case SpfResult::fail: return "fail";
        case SpfResult::softfail: return "softfail";
        case SpfResult::temperror: return "temperror";
        case SpfResult::permerror: return "permerror";
    }
    return "none";
}

std::optional<SpfOutcome> check_spf(const SpfQuery& query, Lookups& lookups) {
    return SpfCheck(query, lookups).run();
}

std::optional<ValidatedNames> validated_names(const IpAddress& client, Lookups& lookups) {
    const auto answer = lookups.find(reverse_name(client), DnsType::ptr);
    if (!answer) return std::nullopt;
    ValidatedNames out;
    if (answer->is_failed()) out.problem = answer->reason;
    out.has_names = !answer->names.empty();
    bool is_pending = false;
    const auto type = client.family() == IpAddress::Family::v4 ? DnsType::a : DnsType::aaaa;
    for (std::size_t i = 0; i < std::min(answer->names.size(), kMaxHosts); ++i) {
        const auto& name = answer->names[i];
        const auto addresses = lookups.find(name, type);
        if (!addresses)
            is_pending = true;
        else if (addresses->is_failed())
            out.problem = addresses->reason;
        else if (std::find(addresses->addresses.begin(), addresses->addresses.end(), client) !=
                 addresses->addresses.end())
            out.names.push_back(name);
    }
    if (is_pending) return std::nullopt;
    return out;
}

}  // namespace cordon
