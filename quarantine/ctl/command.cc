// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/program_options/parsers.hpp>
#include <cstdio>
#include <sstream>

namespace cordon {

namespace po = boost::program_options;

namespace {
constexpr const char* kDefaultConfig = "/etc/cordon/cordon.conf";
}

CommandLine::CommandLine(std::string text) : options("options"), usage(std::move(text)) {
    options.add_options()("config", po::value(&config)->value_name("FILE"),
                          "configuration file (/etc/cordon/cordon.conf)")("help", "show this help");
}

bool CommandLine::parse(const std::vector<std::string>& arguments) {
    po::options_description all;
    all.add(options);
    all.add_options()("operand", po::value(&operands));
    po::positional_options_description positional;
    positional.add("operand", -1);
    try {
        po::variables_map values;
        po::store(po::command_line_parser(arguments).options(all).positional(positional).run(),
                  values);
        if (values.count("help") != 0) {
            std::ostringstream text;
            text << options;
            fmt::print("usage: cordon {}\n\n{}", usage, text.str());
            return false;
        }
        po::notify(values);
    } catch (const po::error& error) {
        fmt::print(stderr, "cordon: {}\nusage: cordon {}\n", error.what(), usage);
        exit_code = kExitUsage;
        return false;
    }
    return true;
}

Result<ConfigurationPtr> configuration_for(const CommandLine& line) {
    if (!line.config.empty()) return load_configuration(line.config);
    if (::access(kDefaultConfig, F_OK) != 0) return parse_configuration("", "built-in defaults");
    return load_configuration(kDefaultConfig);
}

int complain(const std::string& what, int exit_code) {
    fmt::print(stderr, "cordon: {}\n", what);
    return exit_code;
}

}  // namespace cordon
