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
}

Result<PoolProcess> start_pool(const std::string& pool, const Configuration& configuration,
                               int listener, const std::string& user) {
    auto text = text_descriptor(configuration.text);
    if (!text) return tl::unexpected(text.error());
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail_errno("socketpair");
    UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);
    Spawn what;
    what.program = role_path(kScanner);
    what.arguments = {"--pool",       pool,
                      "--config-fd",  std::to_string(kRoleConfigFd),
                      "--listen-fd",  std::to_string(kRoleListenFd),
                      "--control-fd", std::to_string(kRoleControlFd)};
    what.fds = {
        {text->get(), kRoleConfigFd}, {listener, kRoleListenFd}, {theirs.get(), kRoleControlFd}};
    what.user = user;
    const auto pid = spawn(what);
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

Result<Catalogue> read_catalogue(const Configuration& configuration) {
    const auto text = text_descriptor(configuration.text);
    if (!text) return tl::unexpected(text.error());
    Spawn what;
    what.program = role_path(kScanner);
    what.arguments = {"--catalogue", "--config-fd", std::to_string(kRoleConfigFd)};
    what.fds = {{text->get(), kRoleConfigFd}};
    const auto output = run_program(what);
    if (!output) return tl::unexpected(output.error());
    if (output->exit_code != kExitOk) {
        const std::string reason(trim(output->err));
        return fail(reason.empty()
                        ? fmt::format("{} failed with code {}", kScanner, output->exit_code)
                        : reason);
    }
    return Catalogue::from_lines(output->out);
}

}  // namespace cordon
