// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/launch.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>

#include "conf/base/ipc.h"
#include "conf/base/program.h"
#include "conf/base/text.h"
#include "conf/role.h"

namespace cordon {

namespace {
constexpr const char* kScanner = "cordon-scanner";
constexpr const char* kAntivirus = "cordon-antivirus";
}  // namespace

const char* pool_program(const std::string& pool) {
    return pool == "antivirus" ? kAntivirus : kScanner;
}

Result<PoolProcess> start_pool(const std::string& pool, const Configuration& configuration,
                               const PoolPlace& place) {
    auto text = text_descriptor(configuration.text);
    if (!text) return tl::unexpected(text.error());
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail_errno("socketpair");
    UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);
    Spawn what;
    what.program = role_path(pool_program(pool));
    what.arguments = {"--config-fd",  std::to_string(kRoleConfigFd),
                      "--listen-fd",  std::to_string(kRoleListenFd),
                      "--control-fd", std::to_string(kRoleControlFd)};
    what.fds = {{text->get(), kRoleConfigFd},
                {place.listener, kRoleListenFd},
                {theirs.get(), kRoleControlFd}};
    if (place.weights) {
        what.arguments.insert(what.arguments.end(),
                              {"--weights-fd", std::to_string(kRoleWeightsFd)});
        what.fds.emplace_back(place.weights.get(), kRoleWeightsFd);
    }
    what.user = place.user;
    const auto pid = place.spawner(what);
    if (!pid) return tl::unexpected(pid.error());
    return PoolProcess{*pid, std::move(ours)};
}

Result<void> probe_pools(const PoolPaths& pools, Deadline deadline) {
    constexpr std::string_view kProbe =
        "From: probe@localhost\r\nTo: probe@localhost\r\nSubject: probe\r\n\r\nprobe\r\n";
    const auto message = make_memfd("cordon-probe");
    if (!message) return tl::unexpected(message.error());
    auto done = write_all(message->get(), kProbe);
    if (done) done = seal_memfd(message->get());
    if (!done) return done;
    const auto answer = scan_message(pools, message->get(), kProbe.size(), {}, deadline);
    for (const auto& reason : answer.unread)
        return fail("a probe through the scanner was not judged: " + reason.detail);
    if (!answer.content || (!pools.antivirus.empty() && !answer.antivirus))
        return fail("a probe through the scanner was not judged");
    return {};
}

namespace {

Result<Output> run_task(const char* program, const std::string& task,
                        const Configuration& configuration) {
    const auto text = text_descriptor(configuration.text);
    if (!text) return tl::unexpected(text.error());
    Spawn what;
    what.program = role_path(program);
    what.arguments = {task, "--config-fd", std::to_string(kRoleConfigFd)};
    what.fds = {{text->get(), kRoleConfigFd}};
    return run_program(what);
}

/// What a program prints for one of its short tasks; its last words are the error.
Result<std::string> ask(const char* program, const std::string& task,
                        const Configuration& configuration) {
    auto output = run_task(program, task, configuration);
    if (!output) return tl::unexpected(output.error());
    if (output->exit_code == kExitOk) return std::move(output->out);
    const std::string reason(trim(output->err));
    return fail(reason.empty() ? fmt::format("{} failed with code {}", program, output->exit_code)
                               : reason);
}

}  // namespace

Result<void> check_database(const Configuration& configuration) {
    if (!configuration.clamav.enabled) return {};
    const auto checked = ask(kAntivirus, "--check-database", configuration);
    return checked ? Result<void>() : tl::unexpected(checked.error());
}

Result<Catalogue> read_catalogue(const Configuration& configuration) {
    const auto lines = ask(kScanner, "--catalogue", configuration);
    if (!lines) return tl::unexpected(lines.error());
    return Catalogue::from_lines(*lines);
}

Result<std::string> read_rule_costs(const Configuration& configuration) {
    return ask(kScanner, "--rule-costs", configuration);
}

Result<Output> test_rules(const Configuration& configuration) {
    return run_task(kScanner, "--test-rules", configuration);
}

Result<std::string> read_layers(const Configuration& configuration) {
    return ask(kScanner, "--layers", configuration);
}

}  // namespace cordon
