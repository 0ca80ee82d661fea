// SPDX-License-Identifier: GPL-2.0-only
// cordond: the supervisor. Reads and checks the configuration, then runs the roles.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/variables_map.hpp>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "conf/base/log.h"
#include "conf/base/program.h"
#include "conf/options.h"
#include "milter/role_unit.h"
#include "milter/supervisor.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

struct Arguments {
    std::string config;
    bool foreground = false;
    bool check = false;
    bool role_units = false;
    std::string role;
    std::string run_directory;
    bool help = false;
    bool version = false;
};

po::options_description describe(Arguments& out) {
    const char* const given = std::getenv("RUNTIME_DIRECTORY");  // by systemd, of the unit
    po::options_description options("usage: cordond --config FILE [--foreground] [--check]");
    options.add_options()  //
        ("config",
         po::value(&out.config)->value_name("FILE")->default_value("/etc/cordon/cordon.conf"),
         "configuration file")                                                      //
        ("foreground", po::bool_switch(&out.foreground), "stay in the foreground")  //
        ("check", po::bool_switch(&out.check),
         "check the configuration and its rules, and exit")  //
        ("role-units", po::bool_switch(&out.role_units),
         "each role has a unit of its own, see --role")  //
        ("role", po::value(&out.role)->value_name("NAME"),
         "be the unit of a role: milter, scanner, antivirus, keeper or review")  //
        ("run-directory",
         po::value(&out.run_directory)
             ->value_name("DIR")
             ->default_value(given != nullptr ? given : CoreOptions().run_directory),
         "of --role: where cordond is to be found")                                          //
        ("help", po::bool_switch(&out.help), "show this help and every option of the file")  //
        ("version", po::bool_switch(&out.version), "show the version");
    return options;
}

std::optional<Arguments> parse_arguments(int argc, char** argv) {
    Arguments out;
    const auto options = describe(out);
    try {
        po::variables_map values;
        po::store(po::command_line_parser(argc, argv).options(options).positional({}).run(),
                  values);
        po::notify(values);
    } catch (const po::error& error) {
        fmt::print(stderr, "cordond: {}; see cordond --help\n", error.what());
        return std::nullopt;
    }
    return out;
}

int print_help() {
    Arguments ignored;
    std::string text;
    const auto options = describe(ignored);
    fmt::print("usage: cordond --config FILE [--foreground] [--check]\n\n");
    for (const auto& option : options.options())
        fmt::print("  {:<24} {}\n", option->format_name() + " " + option->format_parameter(),
                   option->description());
    fmt::print("\nOptions of the configuration file, see cordon.conf(5):\n{}", options_help());
    return kExitOk;
}

/// Standard error stays: the log may go there.
void leave_terminal() {
    ::setsid();
    const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (null) {
        ::dup2(null.get(), STDIN_FILENO);
        ::dup2(null.get(), STDOUT_FILENO);
    }
    if (::chdir("/") != 0) log::warn("chdir-failed", {{"error", std::strerror(errno)}});
}

/// A reload reads the file again, from wherever the daemon then is.
std::string absolute_path(const std::string& path) {
    std::array<char, PATH_MAX> real{};
    return ::realpath(path.c_str(), real.data()) != nullptr ? real.data() : path;
}

/// Forks away from the terminal. The first process waits and passes the start's result on; in the
/// daemon the descriptor to tell it is returned.
UniqueFd daemonize() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::exit(kExitOs);
    UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const pid_t pid = ::fork();
    if (pid < 0) std::exit(kExitOs);
    if (pid == 0) {
        leave_terminal();
        return write_end;
    }
    write_end.reset();
    char ready = 0;
    if (::read(read_end.get(), &ready, 1) == 1) std::exit(kExitOk);
    int status = 0;
    ::waitpid(pid, &status, 0);
    std::exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : kExitSoftware);
}

int run(const Arguments& arguments) {
    auto snapshot = check_configuration(arguments.config);
    if (!snapshot) {
        fmt::print(stderr, "{}\n", snapshot.error().what);
        return kExitConfig;
    }
    if (arguments.check) {
        fmt::print("{}: configuration OK\n", arguments.config);
        return kExitOk;
    }
    const std::string config = absolute_path(arguments.config);
    UniqueFd ready;
    if (!arguments.foreground) ready = daemonize();
    const auto& log = (*snapshot)->configuration->log;
    log::open("cordond", log.target, log.format, log.level);
    Supervisor supervisor(config, std::move(*snapshot), arguments.role_units);
    const auto done = supervisor.run([&ready] {
        if (ready) static_cast<void>(!write_all(ready.get(), "1"));
        ready.reset();
    });
    if (done) return kExitOk;
    log::error("failed", {{"error", done.error().what}});
    if (log.target != LogTarget::standard_error)
        fmt::print(stderr, "cordond: {}\n", done.error().what);
    return kExitUnavailable;
}

int run_role(const Arguments& arguments) {
    const auto program = program_of_role(arguments.role);
    if (program.empty()) {
        fmt::print(stderr, "cordond: there is no role '{}'; see cordond --help\n", arguments.role);
        return kExitUsage;
    }
    log::open("cordond", LogTarget::standard_error, LogFormat::text, LogLevel::info);
    return run_role_unit(program, arguments.run_directory);
}

}  // namespace
}  // namespace cordon

int main(int argc, char** argv) {
    const auto arguments = cordon::parse_arguments(argc, argv);
    if (!arguments) return cordon::kExitUsage;
    if (arguments->help) return cordon::print_help();
    if (arguments->version) {
        fmt::print("cordond {}\n", CORDON_VERSION);
        return cordon::kExitOk;
    }
    return arguments->role.empty() ? cordon::run(*arguments) : cordon::run_role(*arguments);
}
