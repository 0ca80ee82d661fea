// SPDX-License-Identifier: GPL-2.0-only
// cordon-keeper: the single writer of durable state. A few threads share one listener; each serves
// one request at a time, so that one slow fsync does not hold up the others. What is answered
// stands in keeper/*_requests.cc.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>
#include <vector>

#include "conf/base/ipc.h"
#include "conf/base/log.h"
#include "conf/base/program.h"
#include "conf/base/text.h"
#include "conf/role.h"
#include "quarantine/keeper/teaching.h"
#include "quarantine/retention/retention.h"

namespace cordon {
namespace {

constexpr const char* kProgram = "cordon-keeper";
constexpr int kThreads = 4;
constexpr Milliseconds kRequestTime(5000);

KeeperHandlers all_handlers() {
    KeeperHandlers out;
    add_hold_handlers(out);
    add_item_handlers(out);
    add_seal_handlers(out);
    add_order_handlers(out);
    add_nonce_handlers(out);
    add_learn_handlers(out);
    add_history_handlers(out);
    add_digest_handlers(out);
    add_memory_handlers(out);
    return out;
}

void serve(Keeper& keeper, const KeeperHandlers& handlers, int connection) {
    auto frame = receive_frame(connection, Deadline::in(kRequestTime));
    if (!frame) log::warn("request-lost", {{"error", frame.error().what}});
    auto reply = frame ? handlers.handle(keeper, *frame) : tl::unexpected(frame.error());
    if (frame && !reply) log::warn("request-refused", {{"error", reply.error().what}});
    // The other side may have given up; what was done is done, and asking twice does no harm.
    static_cast<void>(send_frame(connection, reply ? 1 : 0,
                                 reply ? reply->body : reply.error().what,
                                 reply ? reply->fd.get() : -1, Deadline::in(kRequestTime)));
}

void serve_until_stopped(Keeper& keeper, const KeeperHandlers& handlers, int listener, int stop) {
    for (;;) {
        std::array<pollfd, 2> entries{{{listener, POLLIN, 0}, {stop, POLLIN, 0}}};
        if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) return;
        if (entries[1].revents != 0) return;
        const UniqueFd connection(
            ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (connection) serve(keeper, handlers, connection.get());
    }
}

/// Of the shared store; cordond reads the file, which the keeper's user may not.
std::string password_of(const RoleArguments& arguments) {
    constexpr std::size_t kLongestSecret = 4096;
    if (arguments.secret_fd < 0) return {};
    const auto secret = read_all(arguments.secret_fd, kLongestSecret);
    if (!secret) {
        log::error("password-not-read", {{"error", secret.error().what}});
        return {};
    }
    return std::string(trim(split(*secret, '\n').front()));
}

/// At a reload cordond sends the configuration that it has checked.
class Reloads {
 public:
    Reloads(Keeper& keeper, int control) : keeper_(keeper), control_(control) {}

    int changed_fd() const { return changed_.get(); }
    void follow_until(int stop) {
        for (;;) {
            std::array<pollfd, 2> entries{{{stop, POLLIN, 0}, {control_, POLLIN, 0}}};
            if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) return;
            if (entries[0].revents != 0) return;
            if (entries[1].revents != 0) take();
        }
    }

 private:
    void take() {
        const auto record = receive_record(control_, Deadline::in(kRequestTime));
        if (!record || !*record || !(*record)->fd) {
            control_ = -1;  // cordond is gone, and its end is told by a signal
            return;
        }
        auto next = read_configuration((*record)->fd.get(), kProgram);
        if (!next) {
            log::error("reload-failed", {{"error", next.error().what},
                                         {"action", "the keeper's old configuration stays"}});
            return;
        }
        keeper_.configuration.set(std::move(*next));
        ::eventfd_write(changed_.get(), 1);
        log::info("keeper-reloaded");
    }

    Keeper& keeper_;
    int control_;
    UniqueFd changed_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

int run(const RoleArguments& arguments) {
    auto configuration = read_role_configuration(arguments, kProgram);
    if (!configuration) return role_failure(arguments, kExitConfig, configuration.error());
    auto keeper = open_keeper(std::move(*configuration));
    if (!keeper) return role_failure(arguments, kExitOs, keeper.error());
    const auto handlers = all_handlers();

    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    const UniqueFd stop(::signalfd(-1, &signals, SFD_CLOEXEC));
    ::signal(SIGPIPE, SIG_IGN);
    // With threads, which must not be the ones that a signal ends.
    const auto password = password_of(arguments);
    start_learning(**keeper, password);
    start_history(**keeper);
    open_memory(**keeper, password);
    log::info("keeper-started", {{"vault", (*keeper)->vault->directory()},
                                 {"bytes", (*keeper)->vault->used_bytes()}});
    // A connection wakes all threads and one gets it: the others must not wait for the next one.
    ::fcntl(arguments.listen_fd, F_SETFL, ::fcntl(arguments.listen_fd, F_GETFL) | O_NONBLOCK);
    role_ready(arguments);
    Reloads reloads(**keeper, arguments.control_fd);
    {
        std::vector<std::jthread> threads;
        threads.emplace_back([&] { Retention(**keeper).run(stop.get(), reloads.changed_fd()); });
        threads.emplace_back([&] { learn_until(**keeper, stop.get()); });
        for (int i = 0; i < kThreads; ++i)
            threads.emplace_back(
                [&] { serve_until_stopped(**keeper, handlers, arguments.listen_fd, stop.get()); });
        reloads.follow_until(stop.get());
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
