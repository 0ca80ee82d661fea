// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cmath>

#include "scoring/judge/evidence_checks.h"
#include "scoring/judge/learned.h"
#include "scoring/judge/remembered.h"
#include "scoring/judge/verdict.h"

namespace cordon {

std::string_view unread_name(Unread kind) {
    switch (kind) {
        case Unread::scan_failed: return "scan-failed";
        case Unread::unscanned: return "unscanned";
        case Unread::encrypted: return "encrypted";
        case Unread::oversize: return "oversize";
    }
    return "unscanned";
}

bool Verdict::is_unread(Unread kind) const {
    return std::any_of(unread.begin(), unread.end(),
                       [kind](const auto& reason) { return reason.kind == kind; });
}

namespace {

void add_hits(Verdict& verdict, const std::vector<Hit>& hits, const Catalogue& catalogue) {
    for (const auto& hit : hits) {
        const bool is_repeat = std::any_of(verdict.hits.begin(), verdict.hits.end(),
                                           [&](const auto& seen) { return seen.rule == hit.rule; });
        if (is_repeat) continue;
        const RuleInfo* const info = catalogue.find(hit.rule);
        if (info == nullptr)
            verdict.hits.push_back({hit.rule, 0, hit.detail, "not in the catalogue of rules"});
        else
            verdict.hits.push_back({hit.rule, info->score, hit.detail, info->describe,
                                    info->trial_score.value_or(info->score)});
    }
}

/// The same reason from both pools is one reason.
void add_unread(Verdict& verdict, const std::vector<UnreadReason>& reasons) {
    for (const auto& reason : reasons) {
        const bool is_repeat =
            std::any_of(verdict.unread.begin(), verdict.unread.end(), [&](const auto& seen) {
                return seen.kind == reason.kind && seen.detail == reason.detail;
            });
        if (!is_repeat) verdict.unread.push_back(reason);
    }
}

}  // namespace

namespace {

/// Sums of decimal scores: 5.9999999 is 6 to the administrator who wrote the scores.
double rounded(double score) {
    return std::round(score * 1000) / 1000;
}

double own_score(const ScoredHit& hit, const Policy& policy) {
    const auto own = policy.scores.value.find(hit.rule);
    return own == policy.scores.value.end() ? hit.score : own->second;
}

}  // namespace

double score_for(const Verdict& verdict, const Policy& policy) {
    double score = verdict.score;
    if (policy.scores.value.empty()) return score;
    for (const auto& hit : verdict.hits) score += own_score(hit, policy) - hit.score;
    return rounded(score);
}

double trial_score_for(const Verdict& verdict, const Policy& policy) {
    double score = score_for(verdict, policy);
    for (const auto& hit : verdict.hits)
        if (hit.trial_score != hit.score) score += hit.trial_score - own_score(hit, policy);
    return rounded(score);
}

Verdict judge(const Evidence& evidence, const Catalogue& catalogue) {
    Verdict verdict;
    verdict.direction = evidence.direction;
    if (evidence.content) {
        add_hits(verdict, evidence.content->hits, catalogue);
        add_unread(verdict, evidence.content->unread);
        if (evidence.content->opinion) add_opinion(verdict, *evidence.content->opinion, catalogue);
    } else {
        verdict.unknown.emplace_back("content");
    }
    if (evidence.antivirus) {
        verdict.virus = evidence.antivirus->virus;
        add_hits(verdict, evidence.antivirus->hits, catalogue);
        add_unread(verdict, evidence.antivirus->unread);
    }
    add_unread(verdict, evidence.unread);
    add_hits(verdict, check_evidence(evidence), catalogue);
    add_hits(verdict, evidence.lists, catalogue);
    if (evidence.memory) add_memory(verdict, *evidence.memory, catalogue);
    verdict.unknown.insert(verdict.unknown.end(), evidence.unknown.begin(), evidence.unknown.end());
    for (const auto& hit : verdict.hits) verdict.score += hit.score;
    verdict.score = rounded(verdict.score);
    std::stable_sort(verdict.hits.begin(), verdict.hits.end(), [](const auto& a, const auto& b) {
        return std::abs(a.score) > std::abs(b.score);
    });
    return verdict;
}

}  // namespace cordon
