// SPDX-License-Identifier: GPL-2.0-only
// cordon rules: the catalogue of rules, and their own samples.
#include <fmt/format.h>

#include "conf/base/json.h"
#include "conf/base/text.h"
#include "quarantine/ctl/command.h"
#include "scoring/gather/examination.h"
#include "scoring/scanner/launch.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

enum class Form : std::uint8_t { table, json, mdoc };

void print_rule(const std::string& name, const RuleInfo& rule, Form form) {
    if (form == Form::json) {
        JsonWriter json;
        json.begin_object().field("rule", name).key("score").number(rule.score);
        json.field("family", rule.family).field("describe", rule.describe).end_object();
        fmt::print("{}\n", json.take());
    } else if (form == Form::mdoc) {
        fmt::print(".It Sy {} No {}\n{}\n", name, rule.score, mdoc_text(rule.describe));
    } else {
        fmt::print("{:>7} {:<30} {:<14} {}\n", rule.score, name, rule.family, rule.describe);
    }
}

int list(const ConfigurationPtr& configuration, Form form) {
    auto catalogue = read_catalogue(*configuration);
    if (!catalogue) return complain(catalogue.error().what, kExitConfig);
    const auto snapshot = make_snapshot(configuration, std::move(*catalogue));
    if (!snapshot) return complain(snapshot.error().what, kExitConfig);
    for (const auto& [name, rule] : (*snapshot)->catalogue.all()) print_rule(name, rule, form);
    return kExitOk;
}

int test(const Configuration& configuration) {
    const auto output = test_rules(configuration);
    if (!output) return complain(output.error().what, kExitOs);
    fmt::print("{}", output->out);
    fmt::print(stderr, "{}", output->err);
    return output->exit_code;
}

int run(const std::vector<std::string>& arguments) {
    bool json = false;
    bool mdoc = false;
    CommandLine line("rules [test] [--json|--mdoc] [--config FILE]");
    line.options.add_options()("json", po::bool_switch(&json), "one JSON object a line")(
        "mdoc", po::bool_switch(&mdoc), "the list of cordon-rules(5)");
    if (!line.parse(arguments)) return line.exit_code;
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    if (line.operands.empty())
        return list(*configuration, json ? Form::json : mdoc ? Form::mdoc : Form::table);
    if (line.operands.size() == 1 && line.operands.front() == "test") return test(**configuration);
    return complain("usage: cordon " + line.usage, kExitUsage);
}

}  // namespace

extern const Command command_rules{"rules",
                                   "list the rules with their scores, or run their samples", run};

}  // namespace cordon
