// SPDX-License-Identifier: GPL-2.0-only
// From definitions to a program: looks up names, refuses cycles, shares equal expressions.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "conf/base/text.h"
#include "scoring/analysis/rule_program.h"

namespace cordon {

namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

class Linker {
 public:
    Linker(std::vector<RuleDefinition> definitions, const Catalogue& catalogue)
        : definitions_(std::move(definitions)), catalogue_(catalogue) {}

    Result<RuleProgram> run();

 private:
    Result<void> number_names();
    Result<void> check_operands() const;
    Result<void> order();
    Result<void> link(RuleDefinition& definition);
    std::size_t text_index(const TextRef& ref);
    Result<std::size_t> regex_index(const RegexText& text);
    void rewrite(Expression& when, const std::vector<std::size_t>& texts,
                 const std::vector<std::size_t>& regexes) const;
    std::size_t definition_named(const std::string& name) const {
        const auto found = by_name_.find(name);
        return found == by_name_.end() ? kNone : found->second;
    }

    std::vector<RuleDefinition> definitions_;
    const Catalogue& catalogue_;
    std::map<std::string, std::size_t> by_name_;
    std::vector<std::size_t> order_;
    std::map<std::size_t, std::size_t> place_;  // definition -> rule of the program
    std::map<std::tuple<std::size_t, std::string, std::string>, std::size_t> known_regexes_;
    RuleProgram program_;
};

Result<void> Linker::number_names() {
    for (std::size_t i = 0; i < definitions_.size(); ++i) {
        const auto [place, is_new] = by_name_.emplace(definitions_[i].name, i);
        if (is_new) continue;
        return fail(fmt::format("{}: rule {} stands twice, first at {}", definitions_[i].where,
                                place->first, definitions_[place->second].where));
    }
    return {};
}

Result<void> Linker::check_operands() const {
    for (const auto& definition : definitions_) {
        for (const auto& name : definition.when.rules) {
            if (definition_named(name) != kNone || catalogue_.find(name) != nullptr) continue;
            return fail(fmt::format("{}: rule {}: no rule is named {}", definition.where,
                                    definition.name, printable(name, 60)));
        }
    }
    return {};
}

/// Kahn's algorithm: what never becomes ready is part of a cycle.
Result<void> Linker::order() {
    std::vector<std::size_t> waits(definitions_.size(), 0);
    std::vector<std::vector<std::size_t>> users(definitions_.size());
    for (std::size_t i = 0; i < definitions_.size(); ++i) {
        for (const auto& name : definitions_[i].when.rules) {
            const std::size_t operand = definition_named(name);
            if (operand == kNone) continue;
            users[operand].push_back(i);
            ++waits[i];
        }
        if (waits[i] == 0) order_.push_back(i);
    }
    for (std::size_t next = 0; next < order_.size(); ++next) {
        for (const auto user : users[order_[next]]) {
            if (--waits[user] == 0) order_.push_back(user);
        }
    }
    const auto stuck =
        std::find_if(waits.begin(), waits.end(), [](std::size_t w) { return w > 0; });
    if (stuck == waits.end()) return {};
    const auto& rule = definitions_[static_cast<std::size_t>(stuck - waits.begin())];
    return fail(
        fmt::format("{}: rule {} refers to itself through other rules", rule.where, rule.name));
}

std::size_t Linker::text_index(const TextRef& ref) {
    auto& texts = program_.texts;
    const auto found =
        std::find_if(texts.begin(), texts.end(), [&](const auto& t) { return t.ref == ref; });
    if (found != texts.end()) return static_cast<std::size_t>(found - texts.begin());
    texts.push_back({ref, {}, {}, {}});
    return texts.size() - 1;
}

Result<std::size_t> Linker::regex_index(const RegexText& text) {
    const std::size_t target = text_index(text.text);
    const auto key = std::make_tuple(target, text.pattern, text.flags);
    if (const auto known = known_regexes_.find(key); known != known_regexes_.end()) {
        return known->second;
    }
    auto regex = Regex::compile(text.pattern, text.flags, text_facts()[text.text.fact].is_utf);
    if (!regex) return fail(regex.error().what);
    auto& group = program_.texts[target];
    const std::size_t slot = group.reach.size();
    group.reach.push_back(regex->longest().value_or(0));
    if (regex->literals().empty()) group.always.push_back(slot);
    for (const auto& literal : regex->literals()) {
        group.literals.add(literal, static_cast<std::uint32_t>(slot));
    }
    program_.regexes.push_back({std::move(*regex), target, slot});
    known_regexes_.emplace(key, program_.regexes.size() - 1);
    return program_.regexes.size() - 1;
}

void Linker::rewrite(Expression& when, const std::vector<std::size_t>& texts,
                     const std::vector<std::size_t>& regexes) const {
    const auto fix_number = [&](Number& number) {
        const bool is_regex =
            number.kind == Number::Kind::matches || number.kind == Number::Kind::different_matches;
        if (is_regex) number.index = regexes[number.index];
        if (number.kind == Number::Kind::values) number.index = texts[number.index];
    };
    for (auto& condition : when.conditions) {
        switch (condition.kind) {
            case Condition::Kind::matches: condition.index = regexes[condition.index]; break;
            case Condition::Kind::equals:
            case Condition::Kind::exists: condition.index = texts[condition.index]; break;
            case Condition::Kind::compare:
                fix_number(condition.first);
                fix_number(condition.second);
                break;
            default: break;
        }
    }
}

Result<void> Linker::link(RuleDefinition& definition) {
    std::vector<std::size_t> texts;
    std::vector<std::size_t> regexes;
    for (const auto& ref : definition.when.texts) texts.push_back(text_index(ref));
    for (const auto& text : definition.when.regexes) {
        auto index = regex_index(text);
        if (!index) {
            return fail(fmt::format("{}: rule {}: {}", definition.where, definition.name,
                                    index.error().what));
        }
        regexes.push_back(*index);
    }
    rewrite(definition.when, texts, regexes);
    ProgramRule rule;
    for (const auto& name : definition.when.rules) {
        const std::size_t operand = definition_named(name);
        rule.operands.push_back(operand == kNone ? std::nullopt
                                                 : std::optional(place_.at(operand)));
    }
    rule.is_block = definition.is_block();
    rule.name = std::move(definition.name);
    rule.when = std::move(definition.when);
    rule.samples = std::move(definition.samples);
    rule.where = std::move(definition.where);
    program_.rules.push_back(std::move(rule));
    return {};
}

Result<RuleProgram> Linker::run() {
    if (auto done = number_names(); !done) return fail(done.error().what);
    if (auto done = check_operands(); !done) return fail(done.error().what);
    if (auto done = order(); !done) return fail(done.error().what);
    for (const auto index : order_) {
        if (auto done = link(definitions_[index]); !done) return fail(done.error().what);
        place_[index] = program_.rules.size() - 1;
    }
    for (auto& text : program_.texts) text.literals.build();
    return std::move(program_);
}

}  // namespace

Result<RuleProgram> link_rules(std::vector<RuleDefinition> definitions,
                               const Catalogue& catalogue) {
    return Linker(std::move(definitions), catalogue).run();
}

}  // namespace cordon
