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

std::uint32_t narrow(std::size_t index) {
    return static_cast<std::uint32_t>(index);
}

std::size_t fact_named(std::string_view name) {
    const auto facts = text_facts();
    const auto found =
        std::find_if(facts.begin(), facts.end(), [&](const auto& f) { return f.name == name; });
    return static_cast<std::size_t>(found - facts.begin());
}

/// Where what an expression numbers from 0 stands in the program.
struct Indices {
    std::vector<std::size_t> texts;
    std::vector<std::size_t> regexes;
    std::size_t first_node = 0;
};

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
    static NumberPair numbers(const Condition& condition, const Indices& indices);
    Node operand(const std::string& name);
    Node node(const Expression& when, const Condition& condition, const Indices& indices);
    void share_searches();
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
    ProgramText added;
    added.ref = ref;
    if (const auto whole = text_facts()[ref.fact].stretch_of; !whole.empty())
        added.stretch_of = text_index({fact_named(whole), {}});
    texts.push_back(std::move(added));
    const std::size_t index = texts.size() - 1;
    if (texts[index].stretch_of) texts[*texts[index].stretch_of].stretch = index;
    return index;
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
    const std::size_t slot = group.slots++;
    if (regex->literals().empty()) group.always.push_back(slot);
    for (std::size_t i = 0; i < regex->literals().size(); ++i) {
        const std::string& literal = regex->literals()[i];
        group.literals.add(literal, narrow(group.uses.size()));
        group.uses.push_back(
            {narrow(slot), narrow(literal.size()), narrow(regex->ahead(i).value_or(0))});
    }
    program_.regexes.push_back({std::move(*regex), target, slot});
    known_regexes_.emplace(key, program_.regexes.size() - 1);
    return program_.regexes.size() - 1;
}

NumberPair Linker::numbers(const Condition& condition, const Indices& indices) {
    const auto linked = [&](Number number) {
        const bool is_regex =
            number.kind == Number::Kind::matches || number.kind == Number::Kind::different_matches;
        if (is_regex) number.index = indices.regexes[number.index];
        if (number.kind == Number::Kind::values) number.index = indices.texts[number.index];
        return number;
    };
    return {condition.comparison, linked(condition.first), linked(condition.second)};
}

Node Linker::operand(const std::string& name) {
    Node node{Condition::Kind::rule, Node::kNone, Node::kNone};
    const std::size_t definition = definition_named(name);
    if (definition != kNone) {
        node.a = narrow(place_.at(definition));
        return node;
    }
    node.b = narrow(program_.checks.size());
    program_.checks.push_back(name);
    return node;
}

Node Linker::node(const Expression& when, const Condition& condition, const Indices& indices) {
    Node out{condition.kind, 0, 0};
    switch (condition.kind) {
        case Condition::Kind::both:
        case Condition::Kind::either:
        case Condition::Kind::negation:
            out.a = narrow(indices.first_node + condition.left);
            out.b = narrow(indices.first_node + condition.right);
            break;
        case Condition::Kind::rule: return operand(when.rules[condition.index]);
        case Condition::Kind::fact: out.a = narrow(condition.index); break;
        case Condition::Kind::matches: out.a = narrow(indices.regexes[condition.index]); break;
        case Condition::Kind::equals:
            out.a = narrow(indices.texts[condition.index]);
            out.b = narrow(program_.values.size());
            program_.values.push_back(condition.value);
            break;
        case Condition::Kind::exists: out.a = narrow(indices.texts[condition.index]); break;
        case Condition::Kind::compare:
            out.a = narrow(program_.comparisons.size());
            program_.comparisons.push_back(numbers(condition, indices));
            break;
    }
    return out;
}

Result<void> Linker::link(RuleDefinition& definition) {
    Indices indices;
    indices.first_node = program_.nodes.size();
    for (const auto& ref : definition.when.texts) indices.texts.push_back(text_index(ref));
    for (const auto& text : definition.when.regexes) {
        auto index = regex_index(text);
        if (!index) {
            return fail(fmt::format("{}: rule {}: {}", definition.where, definition.name,
                                    index.error().what));
        }
        indices.regexes.push_back(*index);
    }
    for (const auto& condition : definition.when.conditions)
        program_.nodes.push_back(node(definition.when, condition, indices));
    ProgramRule rule;
    rule.root = program_.nodes.size() - 1;
    rule.is_block = definition.is_block();
    rule.name = std::move(definition.name);
    rule.samples = std::move(definition.samples);
    rule.where = std::move(definition.where);
    program_.rules.push_back(std::move(rule));
    return {};
}

void Linker::share_searches() {
    for (auto& text : program_.texts) {
        if (text.stretch)
            text.literals.add_all(program_.texts[*text.stretch].literals, narrow(text.uses.size()));
    }
    for (auto& text : program_.texts) text.literals.build();
}

Result<RuleProgram> Linker::run() {
    if (auto done = number_names(); !done) return fail(done.error().what);
    if (auto done = check_operands(); !done) return fail(done.error().what);
    if (auto done = order(); !done) return fail(done.error().what);
    for (const auto index : order_) {
        if (auto done = link(definitions_[index]); !done) return fail(done.error().what);
        place_[index] = program_.rules.size() - 1;
    }
    share_searches();
    return std::move(program_);
}

}  // namespace

Result<RuleProgram> link_rules(std::vector<RuleDefinition> definitions,
                               const Catalogue& catalogue) {
    return Linker(std::move(definitions), catalogue).run();
}

}  // namespace cordon
