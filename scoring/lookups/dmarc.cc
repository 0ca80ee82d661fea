// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/dmarc.h"

#include <algorithm>

#include "conf/base/text.h"
#include "scoring/lookups/internet_name.h"
#include "scoring/lookups/tag_list.h"

namespace cordon {

namespace {

std::optional<DmarcPolicy> parse_policy(std::string_view text) {
    for (const auto policy : {DmarcPolicy::none, DmarcPolicy::quarantine, DmarcPolicy::reject})
        if (iequals(text, to_text(policy))) return policy;
    return std::nullopt;
}

/// Tags of a record, read as leniently as RFC 7489 section 6.3 wants: what is unknown or broken is
/// passed over.
std::vector<std::pair<std::string, std::string_view>> loose_tags(std::string_view text) {
    std::vector<std::pair<std::string, std::string_view>> out;
    for (const auto item : split(text, ';')) {
        const auto equals = item.find('=');
        if (equals == std::string_view::npos) continue;
        out.emplace_back(lower(trim(item.substr(0, equals))), trim(item.substr(equals + 1)));
    }
    return out;
}

bool is_address_list(std::string_view text) {
    return istarts_with(text, "mailto:") && text.size() > 7;
}

DmarcOutcome ended(const DmarcQuery& query, DmarcOutcome::Result result, std::string reason) {
    DmarcOutcome out;
    out.domain = printable(query.domain, 255);
    out.result = result;
    out.reason = std::move(reason);
    return out;
}

/// The record at one name; pending, absent, or why it can't be known.
struct Policies {
    bool is_pending = false;
    std::string failure;
    std::optional<DmarcRecord> record;
};

Policies policies_at(const std::string& domain, Lookups& lookups) {
    Policies out;
    const auto answer = lookups.find("_dmarc." + domain, DnsType::txt);
    if (!answer) {
        out.is_pending = true;
        return out;
    }
    if (answer->is_failed()) {
        out.failure = printable(answer->reason, 100);
        return out;
    }
    // Section 6.6.3: two records are as good as none.
    for (const auto& text : answer->texts) {
        auto record = parse_dmarc_record(text);
        if (!record) continue;
        if (out.record) return {};
        out.record = record;
    }
    return out;
}

/// RFC 9091 section 2.7: a name without addresses and mail hosts. Nothing while pending; what fails
/// counts as existing.
std::optional<bool> exists(const std::string& domain, Lookups& lookups) {
    bool is_pending = false;
    bool found = false;
    for (const auto type : {DnsType::a, DnsType::aaaa, DnsType::mx}) {
        const auto answer = lookups.find(domain, type);
        is_pending = is_pending || !answer;
        found = found || (answer && !answer->is_void());
    }
    if (found) return true;
    if (is_pending) return std::nullopt;
    return false;
}

struct Alignment {
    std::string by;       // "dkim" or "spf" when something aligned passed
    std::string unknown;  // an aligned check that could not be made
};

Alignment alignment_of(const DmarcQuery& query, const DmarcRecord& record) {
    Alignment out;
    for (const auto& signature : *query.dkim) {
        if (!is_aligned(signature.domain, query.domain, record.is_dkim_strict)) continue;
        if (signature.result == DkimResult::pass && out.by.empty()) out.by = "dkim";
        if (signature.result == DkimResult::temperror) out.unknown = "dkim: " + signature.reason;
    }
    if (query.spf == nullptr || !is_aligned(query.spf->domain, query.domain, record.is_spf_strict))
        return out;
    if (query.spf->result == SpfResult::pass && out.by.empty()) out.by = "spf";
    if (query.spf->result == SpfResult::temperror) out.unknown = "spf: " + query.spf->reason;
    return out;
}

std::string failure_words(const DmarcQuery& query) {
    std::string signers;
    for (const auto& signature : *query.dkim) {
        if (signature.result != DkimResult::pass) continue;
        signers += (signers.empty() ? "" : ", ") + signature.domain;
    }
    const auto author = printable(query.domain, 255);
    if (!signers.empty()) return "signed by " + signers + ", not by " + author;
    if (query.spf != nullptr && query.spf->result == SpfResult::pass)
        return "sent by " + query.spf->domain + ", not by " + author;
    return "neither signed nor sent by " + author;
}

/// The record that applies, and the policy in it. Nothing while pending.
struct Applied {
    std::string failure;
    std::optional<DmarcRecord> record;
    DmarcPolicy policy = DmarcPolicy::none;
};

std::optional<Applied> find_record(const std::string& domain, Lookups& lookups) {
    auto own = policies_at(domain, lookups);
    if (own.is_pending) return std::nullopt;
    if (own.record || !own.failure.empty()) {
        const auto policy = own.record ? own.record->policy : DmarcPolicy::none;
        return Applied{own.failure, own.record, policy};
    }
    const auto organization = organizational_domain(domain);
    Policies above;
    if (organization != domain) above = policies_at(organization, lookups);
    if (above.is_pending) return std::nullopt;
    if (!above.record && above.failure.empty()) {
        // RFC 9091: a public suffix that says so speaks for what is below it.
        const auto suffix = public_suffix_of(domain);
        if (suffix.empty()) return Applied{};
        above = policies_at(suffix, lookups);
        if (above.is_pending) return std::nullopt;
        if (!above.record || !above.record->is_public_suffix) return Applied{};
    }
    if (!above.record) return Applied{above.failure, std::nullopt, DmarcPolicy::none};
    Applied out{{}, above.record, above.record->subdomains.value_or(above.record->policy)};
    if (!above.record->nonexistent) return out;
    const auto is_there = exists(domain, lookups);
    if (!is_there) return std::nullopt;
    if (!*is_there) out.policy = *above.record->nonexistent;
    return out;
}

}  // namespace

std::string_view to_text(DmarcPolicy policy) {
    switch (policy) {
        case DmarcPolicy::none: return "none";
        case DmarcPolicy::quarantine: return "quarantine";
        case DmarcPolicy::reject: return "reject";
    }
    return "none";
}

std::string_view to_text(DmarcOutcome::Result result) {
    switch (result) {
        case DmarcOutcome::Result::none: return "none";
        case DmarcOutcome::Result::pass: return "pass";
        case DmarcOutcome::Result::fail: return "fail";
        case DmarcOutcome::Result::temperror: return "temperror";
        case DmarcOutcome::Result::permerror: return "permerror";
    }
    return "none";
}

std::optional<DmarcRecord> parse_dmarc_record(std::string_view text) {
    const auto tags = loose_tags(text);
    if (tags.empty() || tags.front().first != "v" || tags.front().second != "DMARC1")
        return std::nullopt;
    DmarcRecord out;
    std::optional<DmarcPolicy> policy;
    bool is_reported = false;
    for (const auto& [name, value] : tags) {
        if (name == "p") policy = parse_policy(value);
        if (name == "sp") out.subdomains = parse_policy(value);
        if (name == "np") out.nonexistent = parse_policy(value);
        if (name == "adkim") out.is_dkim_strict = iequals(value, "s");
        if (name == "aspf") out.is_spf_strict = iequals(value, "s");
        if (name == "psd") out.is_public_suffix = iequals(value, "y");
        if (name == "t") out.is_testing = iequals(value, "y");
        if (name == "rua") is_reported = is_address_list(value);
        if (name == "pct")
            out.percent = static_cast<unsigned>(
                std::min<std::uint64_t>(parse_unsigned(value).value_or(100), 100));
    }
    // Section 6.6.3: without a policy it still asks for reports, or is no record at all.
    if (!policy && !is_reported) return std::nullopt;
    out.policy = policy.value_or(DmarcPolicy::none);
    return out;
}

bool is_aligned(std::string_view a, std::string_view b, bool is_strict) {
    if (a.empty() || b.empty()) return false;
    if (iequals(a, b)) return true;
    if (is_strict) return false;
    const auto organization = organizational_domain(a);
    // Two names below one public suffix are of two owners.
    return organization == organizational_domain(b) && !public_suffix_of(organization).empty();
}

std::optional<DmarcOutcome> check_dmarc(const DmarcQuery& query, Lookups& lookups) {
    using Result = DmarcOutcome::Result;
    if (query.authors > 1) return ended(query, Result::permerror, "more than one author in From");
    if (query.domain.empty()) return ended(query, Result::permerror, "no author's domain in From");
    const auto applied = find_record(query.domain, lookups);
    if (!applied) return std::nullopt;
    if (!applied->failure.empty()) return ended(query, Result::temperror, applied->failure);
    if (!applied->record) return ended(query, Result::none, "no DMARC record");
    const auto alignment = alignment_of(query, *applied->record);
    DmarcOutcome out;
    if (!alignment.by.empty()) {
        out = ended(query, Result::pass, {});
        out.aligned = alignment.by;
    } else if (!alignment.unknown.empty()) {
        out = ended(query, Result::temperror, alignment.unknown);
    } else {
        out = ended(query, Result::fail, failure_words(query));
    }
    out.policy = applied->policy;
    // Section 6.6.4 has a random part of the mail treated more mildly; we take the milder way for
    // all of it, so that the same message is judged the same again.
    if (applied->record->is_testing || applied->record->percent < 100)
        out.policy =
            out.policy == DmarcPolicy::reject ? DmarcPolicy::quarantine : DmarcPolicy::none;
    return out;
}

}  // namespace cordon
