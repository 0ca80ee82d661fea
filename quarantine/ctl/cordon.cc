// SPDX-License-Identifier: GPL-2.0-only
// cordon: the command line. Commands are files of this folder; see command.h.
#include <fmt/format.h>

#include <array>
#include <cstdio>

#include "quarantine/ctl/command.h"

namespace cordon {

#define COMMAND(name) extern const Command command_##name;
#include "commands.inc"
#undef COMMAND

namespace {

constexpr std::array kCommands = {
#define COMMAND(name) &command_##name,
#include "commands.inc"
#undef COMMAND
};

void print_usage(std::FILE* out) {
    fmt::print(out, "usage: cordon COMMAND [OPTION...]\n\n");
    for (const auto* command : kCommands)
        fmt::print(out, "  {:<12} {}\n", command->name, command->summary);
    fmt::print(out, "\ncordon COMMAND --help tells more; see cordon(1).\n");
}

int run(const std::vector<std::string>& arguments) {
    const std::string name = arguments.empty() ? "" : arguments.front();
    if (name == "--help" || name == "help") {
        print_usage(stdout);
        return kExitOk;
    }
    if (name == "--version") {
        fmt::print("cordon {}\n", CORDON_VERSION);
        return kExitOk;
    }
    for (const auto* command : kCommands)
        if (command->name == name) return command->run({arguments.begin() + 1, arguments.end()});
    if (!name.empty()) fmt::print(stderr, "cordon: no command '{}'\n\n", name);
    print_usage(stderr);
    return kExitUsage;
}

}  // namespace
}  // namespace cordon

int main(int argc, char** argv) {
    try {
        return cordon::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        return cordon::complain(error.what(), cordon::kExitSoftware);
    }
}
