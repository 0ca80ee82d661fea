// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/dkim.h"

#include "conf/base/text.h"
#include "scoring/lookups/dkim_key.h"

namespace cordon {

namespace {

DkimOutcome ended(DkimOutcome out, DkimResult result, std::string reason) {
    out.result = result;
    out.reason = std::move(reason);
    return out;
}

DkimOutcome described(const SignatureFact& signature) {
    DkimOutcome out;
    out.domain = printable(signature.domain, 255);
    out.selector = printable(signature.selector, 255);
    out.identity = printable(signature.identity, 320);
    out.algorithm = printable(signature.algorithm, 40);
    out.mark = printable(signature.mark, 20);
    out.is_partial = signature.unsigned_bytes > 0;
    return out;
}

/// i= is in d= itself, not below it.
bool is_same_domain(const SignatureFact& signature) {
    const auto at = signature.identity.rfind('@');
    return at == std::string::npos || iequals(signature.identity.substr(at + 1), signature.domain);
}

DkimOutcome verify_with(const DkimKey& key, const SignatureFact& signature, DkimOutcome out) {
    out.bits = key.bits;
    out.is_testing = key.is_testing;
    if (key.is_ed25519 != signature.algorithm.starts_with("ed25519"))
        return ended(std::move(out), DkimResult::permerror, "inappropriate key algorithm");
    if (key.wants_same_domain && !is_same_domain(signature))
        return ended(std::move(out), DkimResult::permerror,
                     "the key is not for subdomains of its domain");
    if (!signature.is_body_intact)
        return ended(std::move(out), DkimResult::fail, "body hash did not verify");
    if (!verify_digest(key, signature.digest, signature.signature))
        return ended(std::move(out), DkimResult::fail, "signature did not verify");
    out.result = DkimResult::pass;
    return out;
}

}  // namespace

std::string_view to_text(DkimResult result) {
    switch (result) {
        case DkimResult::none: return "none";
        case DkimResult::pass: return "pass";
        case DkimResult::fail: return "fail";
        case DkimResult::policy: return "policy";
        case DkimResult::neutral: return "neutral";
        case DkimResult::temperror: return "temperror";
        case DkimResult::permerror: return "permerror";
    }
    return "none";
}

std::optional<DkimOutcome> verify_signature(const SignatureFact& signature, std::int64_t now,
                                            Lookups& lookups) {
    auto out = described(signature);
    if (!signature.problem.empty())
        return ended(std::move(out),
                     signature.is_refused ? DkimResult::policy : DkimResult::permerror,
                     printable(signature.problem, 200));
    if (signature.expires >= 0 && now > signature.expires)
        return ended(std::move(out), DkimResult::fail, "signature expired");
    const auto answer =
        lookups.find(signature.selector + "._domainkey." + signature.domain, DnsType::txt);
    if (!answer) return std::nullopt;
    if (answer->is_failed())
        return ended(std::move(out), DkimResult::temperror,
                     "key unavailable: " + printable(answer->reason, 100));
    if (answer->texts.empty())
        return ended(std::move(out), DkimResult::permerror, "no key for signature");
    // With several records the result is undefined (section 3.6.2.2): the first that is a key.
    KeyProblem problem;
    for (const auto& text : answer->texts) {
        auto key = parse_dkim_key(text);
        if (key) return verify_with(*key, signature, std::move(out));
        if (problem.what.empty()) problem = std::move(key.error());
    }
    return ended(std::move(out), problem.is_policy ? DkimResult::policy : DkimResult::permerror,
                 problem.what);
}

}  // namespace cordon
