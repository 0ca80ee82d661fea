// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/arc.h"

#include <fmt/format.h>

#include "conf/base/text.h"

namespace cordon {

namespace {

ArcOutcome failed(ArcOutcome out, std::string reason) {
    out.result = ArcOutcome::Result::fail;
    out.reason = std::move(reason);
    return out;
}

}  // namespace

std::string_view to_text(ArcOutcome::Result result) {
    switch (result) {
        case ArcOutcome::Result::none: return "none";
        case ArcOutcome::Result::pass: return "pass";
        case ArcOutcome::Result::fail: return "fail";
    }
    return "none";
}

std::optional<ArcOutcome> verify_arc(const ArcFacts& facts, std::int64_t now, Lookups& lookups) {
    ArcOutcome out;
    for (const auto& seal : facts.seals) {
        out.sealers.push_back(printable(seal.domain, 255));
        out.passed.push_back(printable(seal.passed_domain, 255));
    }
    if (!facts.problem.empty()) return failed(std::move(out), printable(facts.problem, 200));
    if (facts.seals.empty()) return out;
    // All keys are asked for before one is missed.
    bool is_pending = false;
    std::string problem;
    const auto verify = [&](const SignatureFact& signature, std::string_view what,
                            std::size_t instance) {
        const auto one = verify_signature(signature, now, lookups);
        is_pending = is_pending || !one;
        if (one && one->result != DkimResult::pass && problem.empty())
            problem = fmt::format("{} {}: {}", what, instance, one->reason);
    };
    verify(facts.message_signature, "message signature", facts.seals.size());
    for (std::size_t i = facts.seals.size(); i > 0; --i) verify(facts.seals[i - 1], "seal", i);
    if (is_pending) return std::nullopt;
    if (!problem.empty()) return failed(std::move(out), problem);
    out.result = ArcOutcome::Result::pass;
    return out;
}

}  // namespace cordon
