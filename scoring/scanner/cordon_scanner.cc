// SPDX-License-Identifier: GPL-2.0-only
// cordon-scanner: the zygote of one pool of workers, started by cordond or by `cordon scan` with
// the configuration, the pool's listener and a control socket as descriptors. Also prints the
// catalogue of rules and runs their samples, since it alone contains what matches.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "conf/base/file_descriptor.h"
#include "conf/base/log.h"
#include "conf/base/program.h"
#include "conf/base/text.h"
#include "conf/configuration.h"
#include "conf/dns_lists.h"
#include "conf/role.h"
#include "scoring/analysis/own_people.h"
#include "scoring/analysis/rule_set.h"
#include "scoring/scanner/antivirus_task.h"
#include "scoring/scanner/clam_engine.h"
#include "scoring/scanner/content_task.h"
#include "scoring/scanner/io_interpose.h"
#include "scoring/scanner/memory_interpose.h"
#include "scoring/scanner/sandbox.h"
#include "scoring/scanner/scanner_options.h"
#include "scoring/scanner/zygote.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxConfiguration = 64U << 20U;

constexpr const char* kUsage =
    "usage: cordon-scanner --pool content|antivirus --config-fd N --listen-fd N --control-fd N\n"
    "                      [--weights-fd N]\n"
    "       cordon-scanner --catalogue --config-fd N\n"
    "       cordon-scanner --test-rules|--rule-costs|--check-database|--layers --config-fd N\n"
    "Started by cordond and by cordon, which open the descriptors. See cordon-scanner(8).\n";

enum class Task : std::uint8_t {
    usage,
    help,
    serve,
    catalogue,
    test_rules,
    rule_costs,
    check_database,
    layers
};

constexpr std::array kShortTasks = {
    std::pair{std::string_view("--catalogue"), Task::catalogue},
    std::pair{std::string_view("--test-rules"), Task::test_rules},
    std::pair{std::string_view("--rule-costs"), Task::rule_costs},
    std::pair{std::string_view("--check-database"), Task::check_database},
    std::pair{std::string_view("--layers"), Task::layers}};

struct Arguments {
    Task task = Task::usage;
    PoolKind pool = PoolKind::content;
    int config = -1;
    int listener = -1;
    int control = -1;
    int weights = -1;
};

bool set_number(int& out, const char* text) {
    const auto value = parse_unsigned(text);
    if (!value || *value > 65535) return false;
    out = static_cast<int>(*value);
    return true;
}

bool set_pool(Arguments& out, std::string_view name) {
    out.task = Task::serve;
    if (name != "content" && name != "antivirus") return false;
    out.pool = name == "content" ? PoolKind::content : PoolKind::antivirus;
    return true;
}

Arguments parse_arguments(int argc, char** argv) {
    Arguments out;
    bool ok = true;
    for (int i = 1; ok && i < argc; ++i) {
        const std::string_view option = argv[i];
        const char* const value = i + 1 < argc ? argv[i + 1] : "";
        if (option == "--help") return {Task::help, {}, -1, -1, -1, -1};
        const auto* const task =
            std::find_if(kShortTasks.begin(), kShortTasks.end(),
                         [option](const auto& known) { return known.first == option; });
        if (task != kShortTasks.end()) {
            out.task = task->second;
            continue;
        }
        ++i;
        ok = option == "--pool"         ? set_pool(out, value)
             : option == "--config-fd"  ? set_number(out.config, value)
             : option == "--listen-fd"  ? set_number(out.listener, value)
             : option == "--control-fd" ? set_number(out.control, value)
             : option == "--weights-fd" ? set_number(out.weights, value)
                                        : false;
    }
    const bool has_sockets = out.listener >= 0 && out.control >= 0;
    if (!ok || out.config < 0 || (out.task == Task::serve && !has_sockets)) out.task = Task::usage;
    return out;
}

int complain(const std::string& what, int exit_code) {
    std::fprintf(stderr, "%s\n", what.c_str());
    return exit_code;
}

ClamScan clam_scan(ScanMode mode) {
    switch (mode) {
        case ScanMode::parts: return ClamScan::parts;
        case ScanMode::whole: return ClamScan::whole;
        case ScanMode::both: break;
    }
    return ClamScan::both;
}

ScannerOptions options_from(const Configuration& configuration, PoolKind pool) {
    ScannerOptions out;
    out.pool = pool;
    out.workers = configuration.scanner.workers;
    out.timeout = configuration.scanner.timeout.value;
    out.memory_limit = configuration.scanner.memory_limit.value;
    out.max_message_size = configuration.milter.max_message_size.value;
    out.rule_paths = configuration.rule_directories();
    out.own_domains = configuration.cordon.own_domains.value;
    out.database = configuration.clamav.database;
    out.signatures = configuration.signatures;
    out.scan = clam_scan(configuration.clamav.scan);
    if (const char* const temp = std::getenv("TMPDIR"); temp != nullptr) out.temp_directory = temp;
    return out;
}

/// The shipped rules were measured before they were shipped; those of the site are now.
Result<void> check_site_costs(const RuleSet& rules, const std::vector<std::string>& directories) {
    for (std::size_t i = 1; i < directories.size(); ++i)
        if (auto done = rules.check_costs(directories[i] + "/"); !done) return done;
    return {};
}

int print_catalogue(const Configuration& configuration) {
    const auto directories = configuration.rule_directories();
    auto rules = RuleSet::load(directories, false);
    if (!rules) return complain(rules.error().what, kExitConfig);
    if (auto people = read_own_people(directories); !people)
        return complain(people.error().what, kExitConfig);
    if (auto fast = check_site_costs(*rules, directories); !fast)
        return complain(fast.error().what, kExitConfig);
    auto catalogue = rules->catalogue();
    for (const auto& list : configuration.dns_lists) {
        if (!list.is_enabled) continue;
        for (auto& rule : rules_of(list)) {
            auto added = catalogue.add(rule.name, {rule.score, rule.describe, "dnsbl"});
            if (!added) return complain(list.where + ": " + added.error().what, kExitConfig);
        }
    }
    for (const auto& entry : configuration.signatures) {
        if (entry.meaning != SignatureEntry::Meaning::score) continue;
        auto added = catalogue.add(rule_name(entry), {entry.score, describe(entry), "antivirus"});
        if (!added)
            return complain(
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
    if (!rules) return complain(rules.error().what, kExitConfig);
    const auto failures = rules->test_samples();
    for (const auto& failure : failures) std::fprintf(stdout, "%s\n", failure.c_str());
    return failures.empty() ? kExitOk : 1;
}

int print_rule_costs(const Configuration& configuration) {
    const auto rules = RuleSet::load(configuration.rule_directories(), false);
    if (!rules) return complain(rules.error().what, kExitConfig);
    return std::fputs(rules->describe_costs().c_str(), stdout) >= 0 && std::fflush(stdout) == 0
               ? kExitOk
               : kExitOs;
}

int print_layers(const Configuration& configuration) {
    const auto lines = report_layers(configuration.clamav.enabled);
    if (!lines) return complain(lines.error().what, kExitOs);
    return std::fputs(lines->c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? kExitOk : kExitOs;
}

int check_signatures(const Configuration& configuration) {
    const auto checked = ClamEngine::check_files(configuration.clamav.database);
    return checked ? kExitOk : complain(checked.error().what, kExitUnavailable);
}

int serve(const Configuration& configuration, const Arguments& arguments) {
    auto options = options_from(configuration, arguments.pool);
    options.weights_fd = arguments.weights;
    auto task = options.pool == PoolKind::content ? make_content_task(options)
                                                  : make_antivirus_task(options);
    if (!task) {
        static_cast<void>(send_notice(arguments.control, {false, task.error().what}));
        return complain(task.error().what, kExitUnavailable);
    }
    return Zygote(options, **task, arguments.listener, arguments.control).run();
}

int run(const Arguments& arguments) {
    if (arguments.task == Task::help) return std::fputs(kUsage, stdout) < 0 ? kExitOs : kExitOk;
    if (arguments.task == Task::usage) return complain(kUsage, kExitUsage);
    auto text = read_all(arguments.config, kMaxConfiguration);
    if (!text) return complain(text.error().what, kExitConfig);
    auto configuration = parse_configuration(*text, "configuration");
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    const auto& log = (*configuration)->log;
    log::open("cordon-scanner", log.target, log.format, log.level);
    switch (arguments.task) {
        case Task::catalogue: return print_catalogue(**configuration);
        case Task::test_rules: return test_rules(**configuration);
        case Task::rule_costs: return print_rule_costs(**configuration);
        case Task::check_database: return check_signatures(**configuration);
        case Task::layers: return print_layers(**configuration);
        default: return serve(**configuration, arguments);
    }
}

}  // namespace

}  // namespace cordon

int main(int argc, char** argv) {
    return cordon::run(cordon::parse_arguments(argc, argv));
}
