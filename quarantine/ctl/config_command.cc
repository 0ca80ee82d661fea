// SPDX-License-Identifier: GPL-2.0-only
// cordon config: checks and shows the configuration.
#include <fmt/format.h>

#include <boost/program_options/value_semantic.hpp>
#include <filesystem>
#include <system_error>

#include "conf/base/json.h"
#include "conf/base/mail_address.h"
#include "conf/base/metrics.h"
#include "conf/base/text.h"
#include "conf/explain_policy.h"
#include "conf/options.h"
#include "quarantine/ctl/command.h"
#include "scoring/gather/examination.h"
#include "scoring/scanner/launch.h"

namespace cordon {
namespace {

void warn_of_samples(const Configuration& configuration) {
    const auto tested = test_rules(configuration);
    if (!tested || tested->exit_code > 1) {
        const std::string why = !tested ? tested.error().what : std::string(trim(tested->err));
        fmt::print("warning: the samples of the rules cannot be tried out: {}\n", why);
        return;
    }
    for (const auto line : split(tested->out, '\n'))
        if (!line.empty()) fmt::print("warning: {}\n", line);
}

int check(const ConfigurationPtr& configuration) {
    auto catalogue = read_catalogue(*configuration);
    if (!catalogue) return complain(catalogue.error().what, kExitConfig);
    const auto rules = catalogue->all().size();
    const auto snapshot = make_snapshot(configuration, std::move(*catalogue));
    if (!snapshot) return complain(snapshot.error().what, kExitConfig);
    fmt::print("configuration OK, {} rules\n", rules);
    const auto costs = read_rule_costs(*configuration);
    fmt::print("{}",
               costs ? *costs : "warning: the rules cannot be timed: " + costs.error().what + "\n");
    warn_of_samples(*configuration);
    const auto layers = read_layers(*configuration);
    fmt::print("{}",
               layers ? *layers
                      : "warning: the sandbox cannot be tried out: " + layers.error().what + "\n");
    if (layers && layers->find(" missing: ") != std::string::npos)
        fmt::print("warning: this machine refuses a layer of the sandbox\n");
    std::error_code error;
    if (configuration->places.contains("rules.path") &&
        !std::filesystem::is_directory(configuration->rules.path, error))
        fmt::print("note: [rules] path {} is no folder: no rules of the site are read\n",
                   printable(configuration->rules.path));
    if (configuration->quarantine.mailbox.empty())
        fmt::print("note: [quarantine] mailbox is not set: quarantine acts as tag\n");
    if (!configuration->clamav.enabled) fmt::print("note: [clamav] enabled = no: no virus scan\n");
    return kExitOk;
}

std::string title(const std::string& address, const PolicyTable::Selection& selection) {
    std::string out = printable(address);
    if (!is_same_mailbox(selection.address, address))
        out += fmt::format(", looked up as {}", printable(selection.address));
    if (!selection.user.empty()) return out + fmt::format(": [user.{}]\n", selection.user);
    return out + (selection.domain.empty() ? ": [policy]\n"
                                           : fmt::format(": [domain.{}]\n", selection.domain));
}

void print_explained(const Configuration& configuration, const std::string& address) {
    const auto explained = explain_policy(configuration, address);
    fmt::print("{}", title(address, explained.selection));
    for (const auto& value : explained.values)
        fmt::print(
            "  {:<46} {}\n", value.key + " = " + value.value,
            value.place.empty() ? "default" : fmt::format("{} [{}]", value.place, value.section));
}

std::string json_explained(const Configuration& configuration, const std::string& address) {
    const auto explained = explain_policy(configuration, address);
    JsonWriter json;
    json.begin_object().field("address", address).field("looked_up", explained.selection.address);
    json.key("values").begin_array();
    for (const auto& value : explained.values)
        json.begin_object()
            .field("key", value.key)
            .field("value", value.value)
            .field("place", value.place)
            .field("section", value.section)
            .end_object();
    return json.end_array().end_object().take();
}

int explain(const Configuration& configuration, const std::vector<std::string>& operands,
            bool as_json) {
    for (std::size_t i = 1; i < operands.size(); ++i) {
        const std::string address(without_brackets(operands[i]));
        if (as_json)
            fmt::print("{}\n", json_explained(configuration, address));
        else
            print_explained(configuration, address);
    }
    return kExitOk;
}

int run(const std::vector<std::string>& arguments) {
    CommandLine line(
        "config check|show|manual|metrics|explain ADDRESS... [--json] [--config FILE]");
    bool as_json = false;
    line.options.add_options()("json", boost::program_options::bool_switch(&as_json),
                               "explain: one object a line");
    if (!line.parse(arguments)) return line.exit_code;
    const bool explains = line.operands.size() > 1 && line.operands.front() == "explain";
    const std::string what = explains                    ? "explain"
                             : line.operands.size() == 1 ? line.operands.front()
                                                         : "";
    if (what == "metrics") {
        fmt::print("{}", metrics_manual());
        return kExitOk;
    }
    if (what == "manual") {
        fmt::print("{}", options_manual());
        return kExitOk;
    }
    if (what != "check" && what != "show" && !explains)
        return complain("usage: cordon " + line.usage, kExitUsage);
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    if (what == "check") return check(*configuration);
    if (explains) return explain(**configuration, line.operands, as_json);
    fmt::print("{}", show_configuration(**configuration));
    return kExitOk;
}

}  // namespace

extern const Command command_config{"config", "check the configuration, or show every value of it",
                                    run};

}  // namespace cordon
