// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/scanner_program.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "conf/base/file_descriptor.h"
#include "conf/base/log.h"
#include "conf/base/program.h"
#include "conf/base/text.h"
#include "conf/role.h"
#include "scoring/scanner/zygote.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxConfiguration = 64U << 20U;

struct Arguments {
    bool wants_help = false;
    const ShortTask* short_task = nullptr;
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

/// False for wrong usage.
bool parse_arguments(const ScannerProgram& program, std::span<char*> words, Arguments& out) {
    bool ok = true;
    for (std::size_t i = 1; ok && i < words.size(); ++i) {
        const std::string_view option = words[i];
        const char* const value = i + 1 < words.size() ? words[i + 1] : "";
        out.wants_help = option == "--help";
        if (out.wants_help) return true;
        const auto task =
            std::find_if(program.short_tasks.begin(), program.short_tasks.end(),
                         [option](const auto& known) { return known.option == option; });
        if (task != program.short_tasks.end()) {
            out.short_task = &*task;
            continue;
        }
        ++i;
        ok = option == "--config-fd"    ? set_number(out.config, value)
             : option == "--listen-fd"  ? set_number(out.listener, value)
             : option == "--control-fd" ? set_number(out.control, value)
             : option == "--weights-fd" ? set_number(out.weights, value)
                                        : false;
    }
    const bool has_sockets = out.listener >= 0 && out.control >= 0;
    return ok && out.config >= 0 && (out.short_task != nullptr || has_sockets);
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

int serve(const ScannerProgram& program, const Configuration& configuration,
          const Arguments& arguments) {
    auto options = options_from(configuration, program.pool);
    options.weights_fd = arguments.weights;
    auto task = program.make_task(options);
    if (!task) {
        static_cast<void>(send_notice(arguments.control, {false, task.error().what}));
        return end_with(task.error().what, kExitUnavailable);
    }
    return Zygote(options, **task, arguments.listener, arguments.control).run();
}

}  // namespace

int end_with(const std::string& what, int exit_code) {
    std::fprintf(stderr, "%s\n", what.c_str());
    return exit_code;
}

int run_scanner(const ScannerProgram& program, int argc, char** argv) {
    Arguments arguments;
    const std::span<char*> words(argv, static_cast<std::size_t>(argc));
    if (!parse_arguments(program, words, arguments)) return end_with(program.usage, kExitUsage);
    if (arguments.wants_help) return std::fputs(program.usage, stdout) < 0 ? kExitOs : kExitOk;
    auto text = read_all(arguments.config, kMaxConfiguration);
    if (!text) return end_with(text.error().what, kExitConfig);
    auto configuration = parse_configuration(*text, "configuration");
    if (!configuration) return end_with(configuration.error().what, kExitConfig);
    const auto& log = (*configuration)->log;
    log::open(program.name, log.target, log.format, log.level);
    if (arguments.short_task != nullptr) return arguments.short_task->run(**configuration);
    return serve(program, **configuration, arguments);
}

}  // namespace cordon
