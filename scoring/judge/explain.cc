// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/judge/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxAlone = 5;  // rules named that would have changed the verdict alone

struct Line {
    std::string_view name;
    Threshold at;
};

/// Which rules the score would have stayed below `at` without: any one of some, or the heaviest.
std::string without_rules(const Verdict& verdict, const Line& line) {
    std::string alone;
    std::size_t count = 0;
    for (const auto& hit : verdict.hits) {
        if (hit.score <= 0 || verdict.score - hit.score >= line.at.value) continue;
        if (++count <= kMaxAlone) alone += (alone.empty() ? "" : ", ") + hit.rule;
    }
    if (count > kMaxAlone) alone += fmt::format(" and {} more", count - kMaxAlone);
    if (count > 0) {
        return fmt::format("below {} ({}) without {}{}\n", line.name, to_text(line.at),
                           count == 1 ? "" : "any one of ", alone);
    }
    std::string together;
    double left = verdict.score;
    for (const auto& hit : verdict.hits) {  // heaviest first
        if (hit.score <= 0) continue;
        together += (together.empty() ? "" : ", ") + hit.rule;
        left -= hit.score;
        if (left < line.at.value) break;
    }
    return fmt::format("no rule decided alone: below {} ({}) without {} together\n", line.name,
                       to_text(line.at), together);
}

/// How far the verdict is from the next one, in both directions. A virus and what was not read
/// decide without the score.
std::string what_would_change_it(const Verdict& verdict, const Policy& policy) {
    const std::array<Line, 3> lines = {
        Line{"tag", policy.tag}, {"quarantine", policy.quarantine}, {"reject", policy.reject}};
    const Line* reached = nullptr;
    const Line* next = nullptr;
    for (const auto& line : lines) {
        if (line.at.value == Threshold::kOff) continue;
        if (verdict.score >= line.at.value) reached = &line;
        if (verdict.score < line.at.value && next == nullptr) next = &line;
    }
    std::string out;
    if (!verdict.virus.empty()) out += "the virus decides, whatever the score\n";
    if (reached != nullptr) out += without_rules(verdict, *reached);
    if (next != nullptr && !verdict.hits.empty()) {
        out += fmt::format("{:.2f} more would have been {} ({})\n", next->at.value - verdict.score,
                           next->name, to_text(next->at));
    }
    return out;
}

std::string hit_line(const ScoredHit& hit) {
    std::string out =
        fmt::format("{:>7.2f} {:<28} {}", hit.score, hit.rule, printable(hit.describe));
    if (!hit.detail.empty()) out += fmt::format(" [{}]", printable(hit.detail, 200));
    return out + '\n';
}

}  // namespace

std::string explain(const Verdict& verdict, const Decision& decision, const Policy& policy) {
    std::string out =
        fmt::format("{} ({})\n", to_text(decision.action), printable(decision.reason));
    out += fmt::format("score {} (tag {}, quarantine {}, reject {})\n", verdict.score,
                       to_text(policy.tag), to_text(policy.quarantine), to_text(policy.reject));
    if (!verdict.virus.empty()) out += fmt::format("virus {}\n", printable(verdict.virus));
    for (const auto& reason : verdict.unread)
        out += fmt::format("not read in full ({}): {}\n", unread_name(reason.kind),
                           printable(reason.detail));
    for (const auto& hit : verdict.hits) {
        if (hit.score != 0) out += hit_line(hit);
    }
    const auto weightless = std::count_if(verdict.hits.begin(), verdict.hits.end(),
                                          [](const ScoredHit& hit) { return hit.score == 0; });
    if (weightless > 0) out += "seen, without weight:";
    for (const auto& hit : verdict.hits) {
        if (hit.score == 0) out += ' ' + printable(hit.rule, 100);
    }
    if (weightless > 0) out += '\n';
    out += what_would_change_it(verdict, policy);
    for (const auto& note : verdict.notes) out += printable(note, 400) + "\n";
    for (const auto& name : verdict.unknown) out += fmt::format("unknown: {}\n", printable(name));
    return out;
}

}  // namespace cordon
