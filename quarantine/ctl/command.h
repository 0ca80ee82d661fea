// SPDX-License-Identifier: GPL-2.0-only
// A command of the command line: one file NAME_command.cc that defines `command_NAME`. The build
// lists the files; nothing else is to be edited.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/program.h"
#include "conf/configuration.h"

namespace cordon {

struct Command {
    std::string_view name;
    std::string_view summary;
    int (*run)(const std::vector<std::string>& arguments);  // without "cordon NAME"; exit code
};

/// Options of one command, with --help and --config added; operands go to `operands`.
struct CommandLine {
    explicit CommandLine(std::string text);

    boost::program_options::options_description options;
    std::string usage;
    std::string config;
    std::vector<std::string> operands;

    /// Nothing when the command shall end at once with `exit_code` (--help, or a usage error told).
    bool parse(const std::vector<std::string>& arguments);
    int exit_code = kExitOk;
};

/// The file named, or the default one; where that does not exist, the built-in defaults.
Result<ConfigurationPtr> configuration_for(const CommandLine& line);

/// "cordon: WHAT" on standard error; gives the exit code back.
int complain(const std::string& what, int exit_code);

}  // namespace cordon
