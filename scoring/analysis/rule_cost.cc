// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/rule_cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <utility>

#include "scoring/analysis/hostile_texts.h"

namespace cordon {

namespace {

constexpr std::size_t kTextBytes = 8192;
constexpr std::size_t kMaxLiterals = 4;
constexpr std::size_t kMaxMatches = 1000;
constexpr int kTries = 3;  // what seems slow is measured again: another process may have disturbed
constexpr std::size_t kSlowestShown = 5;

double cpu_microseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

std::string repeated(std::string_view unit) {
    std::string out;
    while (out.size() + unit.size() <= kTextBytes) out += unit;
    return out;
}

/// Ordinary words, what repeats of one kind feed on, the expression's own literals without end, and
/// what is derived from its source.
std::vector<std::string> texts_for(const Regex& regex) {
    std::vector<std::string> out = {
        repeated(
            "Dear Bob, the minutes of Tuesday are on http://www.example.org/a?b=1; 24 pages. "),
        repeated("a"), repeated("1 2 "), repeated("<a href=x> "), repeated("A.b-C_d@")};
    for (std::size_t i = 0; i < std::min(kMaxLiterals, regex.literals().size()); ++i) {
        out.push_back(repeated(regex.literals()[i]));
        out.push_back(repeated(regex.literals()[i] + " a1 "));
    }
    for (auto& text : hostile_texts(regex.pattern())) out.push_back(std::move(text));
    return out;
}

struct Run {
    double us_per_kb = 0;
    bool gave_up = false;
};

Run run_once(const Regex& regex, std::string_view text, RegexScratch& scratch) {
    Run out;
    const double begin = cpu_microseconds();
    Regex::Starts starts{0, text.size()};
    for (std::size_t n = 0; n < kMaxMatches && starts.first <= starts.last; ++n) {
        const auto found = regex.find(text, starts, scratch);
        if (found.outcome == Regex::Outcome::limit) out.gave_up = true;
        if (found.outcome != Regex::Outcome::yes) break;
        starts.first = std::max(found.end, starts.first + 1);
    }
    out.us_per_kb = (cpu_microseconds() - begin) * 1024 / static_cast<double>(text.size());
    return out;
}

/// The slowest text of a pattern, or the first that is too slow: a hostile pattern takes seconds
/// for each. A text may be cut inside a character of UTF-8, literals may not.
Run worst_of(const Regex& regex, RegexScratch& scratch) {
    Run worst;
    constexpr double kHopeless = 20 * kMaxMicrosecondsPerKb;  // no busy machine explains that
    for (const auto& text : texts_for(regex)) {
        Run best = run_once(regex, text, scratch);
        for (int i = 1; i < kTries && best.us_per_kb > kMaxMicrosecondsPerKb &&
                        best.us_per_kb < kHopeless && !best.gave_up;
             ++i)
            best.us_per_kb = std::min(best.us_per_kb, run_once(regex, text, scratch).us_per_kb);
        worst.us_per_kb = std::max(worst.us_per_kb, best.us_per_kb);
        worst.gave_up = worst.gave_up || best.gave_up;
        if (worst.gave_up || worst.us_per_kb > kMaxMicrosecondsPerKb) break;
    }
    return worst;
}

/// Of the nodes from `begin` to `root`.
std::vector<std::size_t> expressions_of(const RuleProgram& program, std::size_t begin,
                                        std::size_t root) {
    std::vector<std::size_t> out;
    const auto add = [&](const Number& number) {
        if (number.kind == Number::Kind::matches || number.kind == Number::Kind::different_matches)
            out.push_back(number.index);
    };
    for (std::size_t i = begin; i <= root; ++i) {
        const Node& node = program.nodes[i];
        if (node.kind == Condition::Kind::matches) out.push_back(node.a);
        if (node.kind != Condition::Kind::compare) continue;
        add(program.comparisons[node.a].first);
        add(program.comparisons[node.a].second);
    }
    return out;
}

}  // namespace

std::vector<RuleCost> rule_costs(const RuleProgram& program, std::string_view prefix) {
    std::vector<RuleCost> out;
    std::set<std::size_t> seen;
    RegexScratch scratch;
    std::size_t next = 0;
    for (const auto& rule : program.rules) {
        const std::size_t begin = std::exchange(next, rule.root + 1);
        if (!rule.where.starts_with(prefix)) continue;
        RuleCost cost{rule.name, rule.where};
        bool is_measured = false;
        for (const auto index : expressions_of(program, begin, rule.root)) {
            if (!seen.insert(index).second) continue;
            const Regex& regex = program.regexes[index].regex;
            const Run worst = worst_of(regex, scratch);
            is_measured = true;
            cost.has_literal = cost.has_literal && !regex.literals().empty();
            cost.gave_up = cost.gave_up || worst.gave_up;
            cost.us_per_kb = std::max(cost.us_per_kb, worst.us_per_kb);
        }
        if (is_measured) out.push_back(std::move(cost));
    }
    return out;
}

std::string complaint_about(const RuleCost& cost) {
    if (cost.gave_up)
        return fmt::format(
            "{}: rule {} is too slow: it gave up on a text made against it; "
            "bound its repeats",
            cost.where, cost.rule);
    if (cost.us_per_kb <= kMaxMicrosecondsPerKb) return {};
    return fmt::format(
        "{}: rule {} is too slow: {:.0f} us for 1 KB of text, {:.0f} are allowed; give it a "
        "literal and bound its repeats",
        cost.where, cost.rule, cost.us_per_kb, kMaxMicrosecondsPerKb);
}

std::string cost_report(std::vector<RuleCost> costs) {
    std::sort(costs.begin(), costs.end(),
              [](const auto& a, const auto& b) { return a.us_per_kb > b.us_per_kb; });
    std::string out;
    for (const auto& cost : costs)
        if (!cost.has_literal)
            out += fmt::format("rule {} has no literal: {:.1f} us/KB of its text, always\n",
                               cost.rule, cost.us_per_kb);
    for (std::size_t i = 0; i < std::min(kSlowestShown, costs.size()); ++i)
        out += fmt::format("rule {} at its slowest: {:.1f} us/KB\n", costs[i].rule,
                           costs[i].us_per_kb);
    return out;
}

}  // namespace cordon
