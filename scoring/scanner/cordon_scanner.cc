// SPDX-License-Identifier: GPL-2.0-only
// cordon-scanner: the zygote of the content pool, started by cordond or by `cordon scan` with the
// configuration, the pool's listener and a control socket as descriptors. Also prints the catalogue
// of rules and runs their samples, since it alone contains what matches.
#include <array>
#include <cstdio>
#include <string>

#include "conf/base/program.h"
#include "conf/dns_lists.h"
#include "scoring/analysis/people_file.h"
#include "scoring/analysis/rule_set.h"
#include "scoring/scanner/content_task.h"
#include "scoring/scanner/sandbox.h"
#include "scoring/scanner/scanner_program.h"

namespace cordon {

namespace {

constexpr const char* kUsage =
    "usage: cordon-scanner --config-fd N --listen-fd N --control-fd N [--weights-fd N]\n"
    "       cordon-scanner --catalogue|--test-rules|--rule-costs|--layers --config-fd N\n"
    "Started by cordond and by cordon, which open the descriptors. See cordon-scanner(8).\n";

/// The shipped rules were measured before they were shipped; those of the site are now.
Result<void> check_site_costs(const RuleSet& rules, const std::vector<std::string>& directories) {
    for (std::size_t i = 1; i < directories.size(); ++i)
        if (auto done = rules.check_costs(directories[i] + "/"); !done) return done;
    return {};
}

int print_catalogue(const Configuration& configuration) {
    const auto directories = configuration.rule_directories();
    auto rules = RuleSet::load(directories, false);
    if (!rules) return end_with(rules.error().what, kExitConfig);
    if (auto people = read_own_people(directories); !people)
        return end_with(people.error().what, kExitConfig);
    if (auto fast = check_site_costs(*rules, directories); !fast)
        return end_with(fast.error().what, kExitConfig);
    auto catalogue = rules->catalogue();
    for (const auto& list : configuration.dns_lists) {
        if (!list.is_enabled) continue;
        for (auto& rule : rules_of(list)) {
            auto added = catalogue.add(rule.name, {rule.score, rule.describe, "dnsbl"});
            if (!added) return end_with(list.where + ": " + added.error().what, kExitConfig);
        }
    }
    for (const auto& entry : configuration.signatures) {
        if (entry.meaning != SignatureEntry::Meaning::score) continue;
        auto added = catalogue.add(rule_name(entry), {entry.score, describe(entry), "antivirus"});
        if (!added)
            return end_with(
                configuration.places.at("signatures." + entry.pattern) + ": " + added.error().what,
                kExitConfig);
    }
    const auto lines = catalogue.to_lines();
    return std::fwrite(lines.data(), 1, lines.size(), stdout) == lines.size() &&
                   std::fflush(stdout) == 0
               ? kExitOk
               : kExitOs;
}

int test_rules(const Configuration& configuration) {
    auto rules = RuleSet::load(configuration.rule_directories(), true);
    if (!rules) return end_with(rules.error().what, kExitConfig);
    const auto failures = rules->test_samples();
    for (const auto& failure : failures) std::fprintf(stdout, "%s\n", failure.c_str());
    return failures.empty() ? kExitOk : 1;
}

int print_rule_costs(const Configuration& configuration) {
    const auto rules = RuleSet::load(configuration.rule_directories(), false);
    if (!rules) return end_with(rules.error().what, kExitConfig);
    return std::fputs(rules->describe_costs().c_str(), stdout) >= 0 && std::fflush(stdout) == 0
               ? kExitOk
               : kExitOs;
}

int print_layers(const Configuration& configuration) {
    const auto lines = report_layers(configuration.clamav.enabled);
    if (!lines) return end_with(lines.error().what, kExitOs);
    return std::fputs(lines->c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? kExitOk : kExitOs;
}

constexpr std::array kShortTasks = {
    ShortTask{"--catalogue", print_catalogue}, ShortTask{"--test-rules", test_rules},
    ShortTask{"--rule-costs", print_rule_costs}, ShortTask{"--layers", print_layers}};

}  // namespace

}  // namespace cordon

int main(int argc, char** argv) {
    using namespace cordon;
    return run_scanner(
        {"cordon-scanner", kUsage, PoolKind::content, make_content_task, kShortTasks}, argc, argv);
}
