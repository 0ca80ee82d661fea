// SPDX-License-Identifier: GPL-2.0-only
// Evaluates the program on one message. Lazy: a text is made, searched for literals and given to an
// expression when the first condition asks for it, and never twice.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "conf/base/text.h"
#include "scoring/analysis/rule_program.h"
#include "scoring/analysis/rule_texts.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxKindBytes = 100;

struct Place {
    std::size_t value = 0;
    std::size_t begin = 0;
};

std::size_t next_character(std::string_view text, std::size_t at) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80) ++at;
    return at;
}

class Matching {
 public:
    Matching(const RuleProgram& program, const CheckInput& input, const Hits& hits)
        : program_(program),
          input_(input),
          hits_(hits),
          texts_(program, input),
          outcomes_(program.regexes.size(), Known::unknown),
          results_(program.rules.size(), false),
          truths_(truth_facts().size()) {}

    bool evaluate(std::size_t rule);
    bool reached_limit() const { return reached_limit_; }
    std::string_view detail() const { return detail_; }

 private:
    enum class Known : std::uint8_t { unknown, no, yes, limit };
    /// Of the few expressions that match or are counted.
    struct RegexState {
        std::string_view match;
        std::array<std::optional<std::int64_t>, 2> counts;  // of matches; of different matches
        std::string_view last;                              // of the matches that were counted
    };

    Known search(std::size_t index);
    bool matches(std::size_t index);
    std::int64_t count_matches(std::size_t index, bool only_different);
    std::int64_t count_anew(std::size_t index, bool only_different);
    std::int64_t number(const Number& number);
    bool truth(std::size_t index);
    bool cannot_exceed(const Number& number, std::int64_t limit);
    bool compare(const NumberPair& pair);
    bool equals(const Node& node);
    bool holds(std::size_t index);

    const RuleProgram& program_;
    const CheckInput& input_;
    const Hits& hits_;
    RuleTexts texts_;
    std::vector<Known> outcomes_;  // by expression
    std::map<std::size_t, RegexState> states_;
    std::vector<bool> results_;
    std::vector<std::optional<bool>> truths_;  // by index of truth_facts()
    RegexScratch scratch_;
    bool reached_limit_ = false;
    std::string_view detail_;
};

Matching::Known Matching::search(std::size_t index) {
    const ProgramRegex& regex = program_.regexes[index];
    const RuleText& where = texts_.at(regex.text);
    for (const auto& window : where.windows[regex.slot]) {
        const auto value = where.found.values[window.value];
        const auto found = regex.regex.find(value, window.starts, scratch_);
        if (found.outcome == Regex::Outcome::no) continue;
        if (found.outcome == Regex::Outcome::limit) return Known::limit;
        states_[index].match = value.substr(found.begin, found.end - found.begin);
        return Known::yes;
    }
    return Known::no;
}

bool Matching::matches(std::size_t index) {
    Known& known = outcomes_[index];
    if (known == Known::unknown) known = search(index);
    if (known == Known::limit) reached_limit_ = true;
    if (known != Known::yes) return false;
    const std::string_view match = states_[index].match;
    if (!match.empty()) detail_ = match;
    return true;
}

std::int64_t Matching::count_matches(std::size_t index, bool only_different) {
    RegexState& state = states_[index];
    auto& known = state.counts[only_different ? 1 : 0];
    if (!known) known = count_anew(index, only_different);
    if (!state.last.empty()) detail_ = state.last;
    return *known;
}

std::int64_t Matching::count_anew(std::size_t index, bool only_different) {
    const ProgramRegex& regex = program_.regexes[index];
    const RuleText& where = texts_.at(regex.text);
    std::set<std::string> seen;
    std::int64_t count = 0;
    Place next;  // no match begins inside another
    for (const auto& window : where.windows[regex.slot]) {
        const auto value = where.found.values[window.value];
        Regex::Starts starts = window.starts;
        if (next.value == window.value) starts.first = std::max(starts.first, next.begin);
        while (starts.first <= starts.last && count < kMaxMatches) {
            const auto found = regex.regex.find(value, starts, scratch_);
            if (found.outcome == Regex::Outcome::limit) reached_limit_ = true;
            if (found.outcome != Regex::Outcome::yes) break;
            const auto match = value.substr(found.begin, found.end - found.begin);
            if (only_different) seen.insert(lower(match.substr(0, kMaxKindBytes)));
            if (!match.empty()) states_[index].last = match;
            ++count;
            starts.first =
                found.end > starts.first ? found.end : next_character(value, starts.first);
            next = {window.value, starts.first};
        }
    }
    return only_different ? static_cast<std::int64_t>(seen.size()) : count;
}

std::int64_t Matching::number(const Number& number) {
    switch (number.kind) {
        case Number::Kind::constant: return number.constant;
        case Number::Kind::fact: return number_facts()[number.index].value(input_);
        case Number::Kind::values:
            return static_cast<std::int64_t>(texts_.at(number.index).found.values.size());
        case Number::Kind::matches: return count_matches(number.index, false);
        case Number::Kind::different_matches: return count_matches(number.index, true);
    }
    return 0;
}

bool Matching::truth(std::size_t index) {
    if (!truths_[index]) truths_[index] = truth_facts()[index].value(input_);
    return *truths_[index];
}

/// Each match holds a literal of its own: with too few of them there is nothing to count.
bool Matching::cannot_exceed(const Number& number, std::int64_t limit) {
    const bool counts =
        number.kind == Number::Kind::matches || number.kind == Number::Kind::different_matches;
    if (!counts) return false;
    const ProgramRegex& regex = program_.regexes[number.index];
    return texts_.at(regex.text).literals[regex.slot] <= limit;
}

bool Matching::compare(const NumberPair& pair) {
    const bool is_more =
        pair.comparison == Comparison::greater && pair.second.kind == Number::Kind::constant;
    if (is_more && cannot_exceed(pair.first, pair.second.constant)) return false;
    const std::int64_t a = number(pair.first);
    const std::int64_t b = number(pair.second);
    switch (pair.comparison) {
        case Comparison::less: return a < b;
        case Comparison::less_equal: return a <= b;
        case Comparison::greater: return a > b;
        case Comparison::greater_equal: return a >= b;
        case Comparison::equal: return a == b;
        case Comparison::not_equal: return a != b;
    }
    return false;
}

bool Matching::equals(const Node& node) {
    const auto& values = texts_.at(node.a).found.values;
    return std::any_of(values.begin(), values.end(), [&](std::string_view value) {
        return iequals(trim(value), program_.values[node.b]);
    });
}

bool Matching::holds(std::size_t index) {
    const Node& node = program_.nodes[index];
    switch (node.kind) {
        case Condition::Kind::both: return holds(node.a) && holds(node.b);
        case Condition::Kind::either: return holds(node.a) || holds(node.b);
        case Condition::Kind::negation: return !holds(node.a);
        case Condition::Kind::rule:
            return node.a != Node::kNone ? results_[node.a] : hits_.has(program_.checks[node.b]);
        case Condition::Kind::fact: return truth(node.a);
        case Condition::Kind::matches: return matches(node.a);
        case Condition::Kind::equals: return equals(node);
        case Condition::Kind::exists: return !texts_.at(node.a).found.values.empty();
        case Condition::Kind::compare: return compare(program_.comparisons[node.a]);
    }
    return false;
}

bool Matching::evaluate(std::size_t index) {
    reached_limit_ = false;
    detail_ = {};
    results_[index] = holds(program_.rules[index].root);
    return results_[index];
}

}  // namespace

void match_rules(const RuleProgram& program, const CheckInput& input, Hits& hits) {
    Matching matching(program, input, hits);
    for (std::size_t i = 0; i < program.rules.size(); ++i) {
        const auto& rule = program.rules[i];
        if (matching.evaluate(i) && !rule.is_block) hits.add(rule.name, matching.detail());
        if (matching.reached_limit()) hits.add("RULE_LIMIT", rule.name);
    }
}

}  // namespace cordon
