// SPDX-License-Identifier: GPL-2.0-only
// cordon config: checks and shows the configuration.
#include <fmt/format.h>

#include "conf/options.h"
#include "quarantine/ctl/command.h"
#include "scoring/gather/examination.h"
#include "scoring/scanner/launch.h"

namespace cordon {
namespace {

int check(const ConfigurationPtr& configuration) {
    auto catalogue = read_catalogue(*configuration);
    if (!catalogue) return complain(catalogue.error().what, kExitConfig);
    const auto rules = catalogue->all().size();
    const auto snapshot = make_snapshot(configuration, std::move(*catalogue));
    if (!snapshot) return complain(snapshot.error().what, kExitConfig);
    fmt::print("configuration OK, {} rules\n", rules);
    if (configuration->quarantine.mailbox.empty())
        fmt::print("note: [quarantine] mailbox is not set: quarantine acts as tag\n");
    if (!configuration->clamav.enabled) fmt::print("note: [clamav] enabled = no: no virus scan\n");
    return kExitOk;
}

int run(const std::vector<std::string>& arguments) {
    CommandLine line("config check|show|manual [--config FILE]");
    if (!line.parse(arguments)) return line.exit_code;
    const std::string what = line.operands.size() == 1 ? line.operands.front() : "";
    if (what == "manual") {
        fmt::print("{}", options_manual());
        return kExitOk;
    }
    if (what != "check" && what != "show")
        return complain("usage: cordon " + line.usage, kExitUsage);
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    if (what == "check") return check(*configuration);
    fmt::print("{}", show_configuration(**configuration));
    return kExitOk;
}

}  // namespace

extern const Command command_config{"config", "check the configuration, or show every value of it",
                                    run};

}  // namespace cordon
