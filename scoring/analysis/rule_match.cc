// SPDX-License-Identifier: GPL-2.0-only
// Evaluates the program on one message. Lazy: a text is made, searched for literals and given to an
// expression when the first condition asks for it, and never twice.
#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "conf/base/text.h"
#include "scoring/analysis/rule_program.h"

namespace cordon {

namespace {

constexpr std::int64_t kMaxMatches = 1000;  // what count() counts at most
constexpr std::size_t kMaxWindows = 1000;
constexpr std::size_t kMargin = 64;
constexpr std::size_t kMaxKindBytes = 100;

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
          texts_(program.texts.size()),
          regexes_(program.regexes.size()),
          results_(program.rules.size(), false),
          truths_(truth_facts().size()) {}

    bool evaluate(std::size_t rule);
    bool reached_limit() const { return reached_limit_; }
    std::string_view detail() const { return detail_; }

 private:
    /// Where an expression may match: a stretch of one value.
    struct Window {
        std::size_t value = 0;
        Regex::Range range;
    };
    struct TextState {
        bool is_ready = false;
        TextValues found;
        std::vector<std::vector<Window>> windows;  // by slot, in order, apart from each other
        std::vector<std::int64_t> literals;        // by slot: how often one of its literals occurs
    };
    struct RegexState {
        bool is_known = false;
        Regex::Outcome outcome = Regex::Outcome::no;
        std::string_view match;
        std::array<std::optional<std::int64_t>, 2> counts;  // of matches; of different matches
        std::string_view last;                              // of the matches that were counted
    };

    const TextState& text(std::size_t index);
    void find_windows(const ProgramText& text, TextState& state) const;
    static void add_window(std::vector<Window>& windows, const Window& window);
    bool matches(std::size_t index);
    std::int64_t count_matches(std::size_t index, bool only_different);
    std::int64_t count_anew(std::size_t index, bool only_different);
    std::int64_t number(const Number& number);
    bool truth(std::size_t index);
    bool cannot_exceed(const Number& number, std::int64_t limit);
    bool compare(const Condition& condition);
    bool equals(const Condition& condition);
    bool holds(const ProgramRule& rule, std::size_t index);
    bool operand(const ProgramRule& rule, std::size_t index) const;

    const RuleProgram& program_;
    const CheckInput& input_;
    const Hits& hits_;
    std::vector<TextState> texts_;
    std::vector<RegexState> regexes_;
    std::vector<bool> results_;
    std::vector<std::optional<bool>> truths_;  // by index of truth_facts()
    RegexScratch scratch_;
    bool reached_limit_ = false;
    std::string_view detail_;
};

/// Windows come in order of their ends; those that touch become one, too many become the whole.
void Matching::add_window(std::vector<Window>& windows, const Window& window) {
    if (!windows.empty() && windows.back().value == window.value) {
        auto& last = windows.back().range;
        if (window.range.begin <= last.end || windows.size() >= kMaxWindows) {
            last.end = window.range.end;
            return;
        }
    }
    windows.push_back(window);
}

void Matching::find_windows(const ProgramText& text, TextState& state) const {
    const auto& values = state.found.values;
    state.windows.resize(text.reach.size());
    state.literals.assign(text.reach.size(), 0);
    for (const auto slot : text.always) state.literals[slot] = kMaxMatches;
    for (std::size_t value = 0; value < values.size(); ++value) {
        const std::size_t size = values[value].size();
        for (const auto slot : text.always) state.windows[slot].push_back({value, {0, size}});
        text.literals.find(values[value], [&](std::uint32_t slot, std::size_t end) {
            const std::size_t reach = text.reach[slot];
            ++state.literals[slot];
            auto& windows = state.windows[slot];
            if (reach == 0) {
                if (windows.empty() || windows.back().value != value)
                    windows.push_back({value, {0, size}});
                return;
            }
            // kMargin keeps the end of the window away from any match, for \b and $ to be right.
            const std::size_t begin = end > reach ? end - reach : 0;
            add_window(windows, {value, {begin, std::min(size, end + reach + kMargin)}});
        });
    }
}

const Matching::TextState& Matching::text(std::size_t index) {
    TextState& state = texts_[index];
    if (state.is_ready) return state;
    const ProgramText& text = program_.texts[index];
    state.found = collect_text(text.ref, input_);
    find_windows(text, state);
    state.is_ready = true;
    return state;
}

bool Matching::matches(std::size_t index) {
    RegexState& state = regexes_[index];
    if (!state.is_known) {
        const ProgramRegex& regex = program_.regexes[index];
        const TextState& where = text(regex.text);
        for (const auto& window : where.windows[regex.slot]) {
            const auto value = where.found.values[window.value];
            const auto found = regex.regex.find(value, window.range, scratch_);
            if (found.outcome == Regex::Outcome::no) continue;
            state.outcome = found.outcome;
            state.match = value.substr(found.begin, found.end - found.begin);
            break;
        }
        state.is_known = true;
    }
    if (state.outcome == Regex::Outcome::limit) reached_limit_ = true;
    if (state.outcome != Regex::Outcome::yes) return false;
    if (!state.match.empty()) detail_ = state.match;
    return true;
}

std::int64_t Matching::count_matches(std::size_t index, bool only_different) {
    RegexState& state = regexes_[index];
    auto& known = state.counts[only_different ? 1 : 0];
    if (!known) known = count_anew(index, only_different);
    if (!state.last.empty()) detail_ = state.last;
    return *known;
}

std::int64_t Matching::count_anew(std::size_t index, bool only_different) {
    const ProgramRegex& regex = program_.regexes[index];
    const TextState& where = text(regex.text);
    std::set<std::string> seen;
    std::int64_t count = 0;
    for (const auto& window : where.windows[regex.slot]) {
        const auto value = where.found.values[window.value];
        Regex::Range range = window.range;
        while (range.begin <= range.end && count < kMaxMatches) {
            const auto found = regex.regex.find(value, range, scratch_);
            if (found.outcome == Regex::Outcome::limit) reached_limit_ = true;
            if (found.outcome != Regex::Outcome::yes) break;
            const auto match = value.substr(found.begin, found.end - found.begin);
            if (only_different) seen.insert(lower(match.substr(0, kMaxKindBytes)));
            if (!match.empty()) regexes_[index].last = match;
            ++count;
            range.begin = found.end > range.begin ? found.end : next_character(value, range.begin);
        }
    }
    return only_different ? static_cast<std::int64_t>(seen.size()) : count;
}

std::int64_t Matching::number(const Number& number) {
    switch (number.kind) {
        case Number::Kind::constant: return number.constant;
        case Number::Kind::fact: return number_facts()[number.index].value(input_);
        case Number::Kind::values:
            return static_cast<std::int64_t>(text(number.index).found.values.size());
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
    return text(regex.text).literals[regex.slot] <= limit;
}

bool Matching::compare(const Condition& condition) {
    const bool is_more = condition.comparison == Comparison::greater &&
                         condition.second.kind == Number::Kind::constant;
    if (is_more && cannot_exceed(condition.first, condition.second.constant)) return false;
    const std::int64_t a = number(condition.first);
    const std::int64_t b = number(condition.second);
    switch (condition.comparison) {
        case Comparison::less: return a < b;
        case Comparison::less_equal: return a <= b;
        case Comparison::greater: return a > b;
        case Comparison::greater_equal: return a >= b;
        case Comparison::equal: return a == b;
        case Comparison::not_equal: return a != b;
    }
    return false;
}

bool Matching::equals(const Condition& condition) {
    const auto& values = text(condition.index).found.values;
    return std::any_of(values.begin(), values.end(), [&](std::string_view value) {
        return iequals(trim(value), condition.value);
    });
}

bool Matching::operand(const ProgramRule& rule, std::size_t index) const {
    const auto& linked = rule.operands[index];
    return linked ? results_[*linked] : hits_.has(rule.when.rules[index]);
}

bool Matching::holds(const ProgramRule& rule, std::size_t index) {
    const Condition& condition = rule.when.conditions[index];
    switch (condition.kind) {
        case Condition::Kind::both:
            return holds(rule, condition.left) && holds(rule, condition.right);
        case Condition::Kind::either:
            return holds(rule, condition.left) || holds(rule, condition.right);
        case Condition::Kind::negation: return !holds(rule, condition.left);
        case Condition::Kind::rule: return operand(rule, condition.index);
        case Condition::Kind::fact: return truth(condition.index);
        case Condition::Kind::matches: return matches(condition.index);
        case Condition::Kind::equals: return equals(condition);
        case Condition::Kind::exists: return !text(condition.index).found.values.empty();
        case Condition::Kind::compare: return compare(condition);
    }
    return false;
}

bool Matching::evaluate(std::size_t index) {
    const ProgramRule& rule = program_.rules[index];
    reached_limit_ = false;
    detail_ = {};
    results_[index] = holds(rule, rule.when.conditions.size() - 1);
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
