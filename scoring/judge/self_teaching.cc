// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/judge/self_teaching.h"

#include <algorithm>

#include "scoring/judge/evidence_checks.h"
#include "scoring/judge/learned.h"
#include "scoring/rules/learning_rules.h"

namespace cordon {

namespace {

constexpr double kClearSpam = 12;      // at least; and at least what refuses mail
constexpr double kStrongReason = 1.0;  // a rule that counts as a reason
constexpr std::ptrdiff_t kReasons = 4;
constexpr double kClearHam = 1.0;  // at most: hardly anything speaks against it

/// A test of the filter says nothing about mail.
bool is_test(const Verdict& verdict) {
    return std::any_of(verdict.hits.begin(), verdict.hits.end(),
                       [](const auto& hit) { return hit.rule.starts_with("GTUBE"); });
}

/// The classifier, where it has weight, thinks otherwise: then a person should look.
bool is_contradicted(const Evidence& evidence, bool is_spam) {
    const auto& opinion = evidence.content->opinion;
    if (!opinion || classifier_weight(opinion->ham, opinion->spam) <= 0) return false;
    constexpr double kOtherSide = 0.5;
    return is_spam ? opinion->probability < kOtherSide : opinion->probability > kOtherSide;
}

bool has_reasons(const Verdict& verdict) {
    return std::count_if(verdict.hits.begin(), verdict.hits.end(), [](const auto& hit) {
               return hit.score >= kStrongReason && !is_learning_rule(hit.rule);
           }) >= kReasons;
}

/// A proven author whom own users wrote to, or a proven sender who answers their mail.
bool is_wanted(const Evidence& evidence) {
    return evidence.memory && is_author_proven(evidence) &&
           (evidence.memory->is_correspondent || evidence.memory->is_reply);
}

}  // namespace

std::optional<bool> clear_label(const Evidence& evidence, const Verdict& verdict,
                                const Policy& site) {
    if (!evidence.content || evidence.direction != Direction::inbound) return std::nullopt;
    if (!verdict.unread.empty() || !verdict.virus.empty() || is_test(verdict)) return std::nullopt;
    const double own = verdict.score - verdict.learned;
    const double clear = std::max(kClearSpam, std::min(site.reject.value, 2 * kClearSpam));
    if (own >= clear && has_reasons(verdict) && !is_wanted(evidence))
        return is_contradicted(evidence, true) ? std::nullopt : std::optional(true);
    if (own <= kClearHam && is_wanted(evidence))
        return is_contradicted(evidence, false) ? std::nullopt : std::optional(false);
    return std::nullopt;
}

}  // namespace cordon
