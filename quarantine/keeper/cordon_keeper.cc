// SPDX-License-Identifier: GPL-2.0-only
// cordon-keeper: the single writer of durable state. A few threads share one listener; each serves
// one request at a time, so that one slow fsync does not hold up the others.
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "conf/base/ipc.h"
#include "conf/base/log.h"
#include "conf/base/program.h"
#include "conf/role.h"
#include "quarantine/keeper/protocol.h"
#include "quarantine/vault/vault.h"

namespace cordon {
namespace {

constexpr int kThreads = 4;
constexpr Milliseconds kRequestTime(5000);

Result<void> handle(Vault& vault, Record& record) {
    auto message = decode_hold(record.bytes);
    if (!message) return tl::unexpected(message.error());
    if (!record.fd) return fail("keeper: a request without a message");
    return vault.store(std::move(*message), record.fd.get());
}

void serve(Vault& vault, int connection) {
    auto record = receive_record(connection, Deadline::in(kRequestTime));
    if (!record) log::warn("request-lost", {{"error", record.error().what}});
    if (!record || !*record) return;
    const auto result = handle(vault, **record);
    if (!result) log::error("hold-failed", {{"error", result.error().what}});
    // The other side may have given up; the message is held all the same, and held twice is no
    // loss.
    static_cast<void>(
        send_record(connection, encode_answer(result), -1, Deadline::in(kRequestTime)));
}

void serve_until_stopped(Vault& vault, int listener, int stop) {
    for (;;) {
        std::array<pollfd, 2> entries{{{listener, POLLIN, 0}, {stop, POLLIN, 0}}};
        if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) return;
        if (entries[1].revents != 0) return;
        const UniqueFd connection(
            ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (connection) serve(vault, connection.get());
    }
}

int run(const RoleArguments& arguments) {
    const auto configuration = read_role_configuration(arguments, "cordon-keeper");
    if (!configuration) return role_failure(arguments, kExitConfig, configuration.error());
    const auto& c = **configuration;
    auto vault = Vault::open(c.vault_directory(), c.quarantine.vault_max.value);
    if (!vault) return role_failure(arguments, kExitOs, vault.error());

    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    const UniqueFd stop(::signalfd(-1, &signals, SFD_CLOEXEC));
    log::info("keeper-started",
              {{"vault", c.vault_directory()}, {"bytes", (*vault)->used_bytes()}});
    role_ready(arguments);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i)
            threads.emplace_back(
                [&] { serve_until_stopped(**vault, arguments.listen_fd, stop.get()); });
    }
    return kExitOk;
}

}  // namespace
}  // namespace cordon

int main(int argc, char** argv) {
    const auto arguments = cordon::parse_role_arguments(argc, argv, "cordon-keeper");
    if (!arguments) return cordon::kExitUsage;
    return cordon::run(*arguments);
}
