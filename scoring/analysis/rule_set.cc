// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/rule_set.h"

#include <algorithm>
#include <array>

#include "scoring/analysis/rule_cost.h"
#include "scoring/analysis/rule_program.h"
#include "scoring/rules/antivirus_rules.h"
#include "scoring/rules/evidence_rules.h"
#include "scoring/rules/learning_rules.h"

namespace cordon {

namespace {

constexpr std::array kEngineRules = {
    CheckRule{"RULE_LIMIT", 1.0, "A rule gave up on a text that is made to stall it"},
};

Result<void> add_all(Catalogue& catalogue, std::string_view family,
                     std::span<const CheckRule> rules) {
    for (const auto& rule : rules) {
        auto added = catalogue.add(std::string(rule.name),
                                   {rule.score, std::string(rule.describe), std::string(family)});
        if (!added) return wrap("check " + std::string(family), added.error());
    }
    return {};
}

Result<void> add_built_in(Catalogue& catalogue) {
    for (const Check* check : all_checks()) {
        if (auto added = add_all(catalogue, check->family, check->rules); !added) return added;
    }
    for (const auto& rule : kAntivirusRules) {
        auto added = catalogue.add(std::string(rule.name),
                                   {rule.score, std::string(rule.describe), "antivirus"});
        if (!added) return added;
    }
    for (const auto& rule : kEvidenceRules) {
        auto added = catalogue.add(std::string(rule.name),
                                   {rule.score, std::string(rule.describe), "evidence"});
        if (!added) return added;
    }
    for (const auto& rule : kLearningRules) {
        auto added = catalogue.add(std::string(rule.name),
                                   {rule.score, std::string(rule.describe), "learning"});
        if (!added) return added;
    }
    return add_all(catalogue, "engine", kEngineRules);
}

}  // namespace

RuleSet::RuleSet() = default;
RuleSet::~RuleSet() = default;
RuleSet::RuleSet(RuleSet&& other) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&& other) noexcept = default;

namespace {

/// A name that stands twice in files: where it stands first.
Error with_place(Error error, const std::vector<RuleDefinition>& all, const RuleDefinition& rule) {
    const auto first = std::find_if(all.begin(), all.end(), [&](const RuleDefinition& other) {
        return other.name == rule.name;
    });
    if (first->where != rule.where) error.what += ", first at " + first->where;
    return error;
}

}  // namespace

Result<RuleSet> RuleSet::load(const std::vector<std::string>& rule_files_or_dirs,
                              bool with_samples) {
    auto definitions = read_rule_files(rule_files_or_dirs);
    if (!definitions) return fail(definitions.error().what);
    RuleSet set;
    if (auto added = add_built_in(set.catalogue_); !added) return fail(added.error().what);
    for (auto& rule : *definitions) {
        if (!with_samples) rule.samples.clear();
        if (rule.is_block()) continue;
        auto added = set.catalogue_.add(rule.name, {rule.score, rule.describe, rule.family});
        if (!added) return wrap(rule.where, with_place(added.error(), *definitions, rule));
    }
    auto program = link_rules(std::move(*definitions), set.catalogue_);
    if (!program) return fail(program.error().what);
    set.program_ = std::make_unique<RuleProgram>(std::move(*program));
    return set;
}

void RuleSet::match(const CheckInput& input, Hits& hits) const {
    if (program_) match_rules(*program_, input, hits);
}

Result<void> RuleSet::check_costs(const std::string& prefix) const {
    if (!program_) return {};
    for (const auto& cost : rule_costs(*program_, prefix)) {
        auto complaint = complaint_about(cost);
        if (!complaint.empty()) return fail(std::move(complaint));
    }
    return {};
}

std::string RuleSet::describe_costs() const {
    return program_ ? cost_report(rule_costs(*program_, "")) : std::string();
}

void run_checks(const CheckInput& input, Hits& hits) {
    for (const Check* check : all_checks()) check->run(input, hits);
}

std::vector<std::string> RuleSet::test_samples() const {
    std::vector<std::string> failures;
    if (!program_) return failures;
    const SiteFacts no_site;
    for (const auto& rule : program_->rules) {
        for (const auto& sample : rule.samples) {
            const Message message = Message::parse(sample.message, Limits{});
            const CheckInput input{message, sample.envelope, no_site};
            Hits hits;
            run_checks(input, hits);
            match(input, hits);
            if (hits.has(rule.name) == sample.is_hit) continue;
            failures.push_back(
                sample.where + ": " + rule.name +
                (sample.is_hit ? " misses its hit sample" : " hits its miss sample"));
        }
    }
    return failures;
}

}  // namespace cordon
