// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/clam_verdict.h"

#include <algorithm>

#include "conf/base/text.h"
#include "scoring/rules/antivirus_rules.h"

namespace cordon {

namespace {

constexpr std::string_view kLimit = "Heuristics.Limits.Exceeded";
constexpr std::string_view kEncrypted = "Heuristics.Encrypted";
constexpr std::size_t kMaxName = 200;

void add_reason(AntivirusResult& result, Unread kind, std::string detail) {
    const auto same = [&](const UnreadReason& r) { return r.kind == kind && r.detail == detail; };
    if (std::none_of(result.unread.begin(), result.unread.end(), same))
        result.unread.push_back({kind, std::move(detail)});
}

void add_hit(AntivirusResult& result, std::string rule, std::string detail) {
    const auto same = [&rule](const Hit& hit) { return hit.rule == rule; };
    if (std::none_of(result.hits.begin(), result.hits.end(), same))
        result.hits.push_back({std::move(rule), std::move(detail)});
}

void add_virus(AntivirusResult& result, std::string name) {
    if (result.virus.empty()) result.virus = std::move(name);
}

void add_by(const SignatureEntry& entry, const std::string& name, AntivirusResult& result) {
    switch (entry.meaning) {
        case SignatureEntry::Meaning::ignore: return;
        case SignatureEntry::Meaning::score: return add_hit(result, rule_name(entry), name);
        case SignatureEntry::Meaning::virus: return add_virus(result, name);
    }
}

void add_alert(const std::string& alert, AntivirusResult& result, const SignatureMap& signatures) {
    const auto name = printable(alert, kMaxName);
    const auto after = [&name](std::string_view prefix) {
        return name.size() > prefix.size() ? name.substr(prefix.size() + 1) : name;
    };
    if (alert.starts_with(kLimit)) {
        add_reason(result, Unread::unscanned, "limit of libclamav: " + after(kLimit));
    } else if (alert.starts_with(kEncrypted)) {
        add_reason(result, Unread::encrypted, after(kEncrypted));
    } else if (const auto* const entry = signature_for(signatures, alert); entry != nullptr) {
        add_by(*entry, name, result);
    } else if (const auto* const rule = antivirus_rule_for(alert); rule != nullptr) {
        add_hit(result, std::string(rule->name), name);
    } else {
        add_virus(result, name);
    }
}

Unread kind_of(cl_error_t code) {
    switch (code) {
        case CL_EUNPACK:
        case CL_EMEM:  // of a worker: see io_guard
        case CL_ETIMEOUT:
        case CL_BREAK:
        case CL_EMAXREC:
        case CL_EMAXSIZE:
        case CL_EMAXFILES:
        case CL_EFORMAT:
        case CL_EPARSE: return Unread::unscanned;
        default: return Unread::scan_failed;
    }
}

}  // namespace

bool is_over_size(const ClamOutcome& outcome) {
    return outcome.code == CL_EMAXSIZE || outcome.alert == "Heuristics.Limits.Exceeded.MaxScanSize";
}

bool may_hide_others(const ClamOutcome& outcome, const SignatureMap& signatures) {
    if (signatures.empty() || outcome.code != CL_VIRUS) return false;
    AntivirusResult alone;
    add_alert(outcome.alert, alone, signatures);
    return alone.virus.empty() && alone.unread.empty();
}

void add_outcome(const ClamOutcome& outcome, bool is_space_private, AntivirusResult& result,
                 const SignatureMap& signatures) {
    for (const auto& alert : outcome.alerts) add_alert(alert, result, signatures);
    if (outcome.code == CL_VIRUS)
        add_alert(outcome.alert, result, signatures);
    else if (outcome.code != CL_CLEAN)
        add_reason(result, kind_of(outcome.code),
                   std::string("libclamav: ") + ::cl_strerror(outcome.code));

    const auto& failures = outcome.failures;
    const bool is_full = is_space_private && failures.space == failures.io;
    if (failures.io > 0 && !is_full)
        add_reason(result, Unread::scan_failed, failures.to_string());
    else if (failures.any())
        add_reason(result, Unread::unscanned, "limit of the worker: " + failures.to_string());
}

}  // namespace cordon
