// SPDX-License-Identifier: GPL-2.0-only
// cordon-review: the reviewer's half of the quarantine. One loop: the mailbox over IMAP, releases
// over SMTP. SIGTERM ends it at once, but not between the final dot of a message and the record of
// the server's reply; all else is found again from the mailbox and the keeper's journal.
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "conf/base/ipc.h"
#include "conf/base/log.h"
#include "conf/base/program.h"
#include "conf/base/text.h"
#include "conf/role.h"
#include "quarantine/keeper/client.h"
#include "quarantine/release/release_engine.h"
#include "quarantine/review/review_agent.h"
#include "quarantine/review/user_folders.h"

namespace cordon {
namespace {

constexpr std::size_t kLongestSecret = 4096;
constexpr Milliseconds kLongestWait(1000);
// The final reply may take ten minutes (RFC 5321, 4.5.3.2.6), its record one.
constexpr Milliseconds kSendingTime(12 * 60'000);
constexpr Milliseconds kOrphanTime(1000);

/// What is needed to log in; the password is the first line of its file.
Result<ImapServer> imap_server(const Configuration& c, int secret_fd) {
    ImapServer out;
    auto url = parse_server_url(c.quarantine.imap_url);
    if (!url) return wrap("quarantine.imap-url", url.error());
    out.url = std::move(*url);
    out.user = c.quarantine.imap_user;
    out.trust.ca_file = c.quarantine.imap_ca_file;
    out.may_be_plain = c.quarantine.imap_plaintext;
    if (secret_fd < 0) return out;
    const auto secret = read_all(secret_fd, kLongestSecret);
    if (!secret) return wrap("quarantine.imap-password-file", secret.error());
    out.password = split(*secret, '\n').front();
    if (out.password.ends_with('\r')) out.password.pop_back();
    return out;
}

/// The release engine in a thread of its own, so that a slow SMTP server does not hold up the
/// mailbox; each wakes the other, so that neither waits for its clock.
class ReleaseThread {
 public:
    explicit ReleaseThread(ConfigurationPtr configuration)
        : engine_(std::move(configuration)),
          ordered_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          done_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        // Ends with the process, at any moment, as the process does.
        std::thread([this] { run(); }).detach();
    }
    void wake() const { ::eventfd_write(ordered_.get(), 1); }
    void finish(Milliseconds patience) { engine_.finish(patience); }
    int done_fd() const { return done_.get(); }
    bool take_done() const {
        eventfd_t count = 0;
        return ::eventfd_read(done_.get(), &count) == 0;
    }

 private:
    [[noreturn]] void run() {
        for (;;) {
            const auto pause = engine_.tick();
            if (pause.count() == 0) ::eventfd_write(done_.get(), 1);
            if (wait_readable(ordered_.get(), Deadline::in(pause))) {
                eventfd_t count = 0;
                ::eventfd_read(ordered_.get(), &count);
            }
        }
    }

    ReleaseEngine engine_;
    UniqueFd ordered_;
    UniqueFd done_;
};

void wait_for_work(const ReviewAgent* agent, const UserFolderAgent* users,
                   const ReleaseThread* releases) {
    std::vector<pollfd> entries;
    if (releases != nullptr) entries.push_back({releases->done_fd(), POLLIN, 0});
    auto due = Steady::now() + kLongestWait;
    if (agent != nullptr) {
        agent->add_descriptors(entries);
        due = std::min(due, agent->due());
    }
    if (users != nullptr) due = std::min(due, users->due());
    ::poll(entries.data(), entries.size(), Deadline(due).poll_timeout());
}

sigset_t ending_signals() {
    sigset_t out;
    ::sigemptyset(&out);
    ::sigaddset(&out, SIGTERM);
    ::sigaddset(&out, SIGINT);
    return out;
}

/// Ends the process, whatever the mailbox is waiting for; after a final dot the answer is recorded.
[[noreturn]] void end_when_asked(ReleaseThread* releases, pid_t cordond) {
    const auto signals = ending_signals();
    int number = 0;
    while (::sigwait(&signals, &number) != 0) {
    }
    // When cordond has died the keeper ends with us, and whoever comes next waits for nobody.
    const bool is_orphan = ::getppid() != cordond;
    if (releases != nullptr) releases->finish(is_orphan ? kOrphanTime : kSendingTime);
    ::_exit(kExitOk);
}

int run(const RoleArguments& arguments) {
    const auto signals = ending_signals();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    const pid_t cordond = ::getppid();
    const auto configuration = read_role_configuration(arguments, "cordon-review");
    if (!configuration) return role_failure(arguments, kExitConfig, configuration.error());
    const auto& c = **configuration;
    ::signal(SIGPIPE, SIG_IGN);
    bound_name_lookups();
    const KeeperClient keeper(c.socket_path("keeper"));
    std::optional<ReviewAgent> agent;
    std::optional<UserFolderAgent> users;
    if (!c.quarantine.imap_url.empty()) {
        auto server = imap_server(c, arguments.secret_fd);
        if (!server) return role_failure(arguments, kExitConfig, server.error());
        if (c.quarantine.user_folders == UserFolders::shared)
            users.emplace(*configuration, *server, keeper);
        agent.emplace(*configuration, std::move(*server), keeper);
    }
    std::unique_ptr<ReleaseThread> releases;
    if (!c.quarantine.release_via.empty())
        releases = std::make_unique<ReleaseThread>(*configuration);
    std::thread([&releases, cordond] { end_when_asked(releases.get(), cordond); }).detach();
    role_ready(arguments);
    log::info("review-started",
              {{"imap", c.quarantine.imap_url}, {"release-via", c.quarantine.release_via}});
    for (;;) {
        if (releases && releases->take_done() && agent) agent->hurry();
        if (agent && agent->tick() && releases) releases->wake();
        if (users && users->tick() && releases) releases->wake();
        wait_for_work(agent ? &*agent : nullptr, users ? &*users : nullptr, releases.get());
    }
}

}  // namespace
}  // namespace cordon

int main(int argc, char** argv) {
    const auto arguments = cordon::parse_role_arguments(argc, argv, "cordon-review");
    if (!arguments) return cordon::kExitUsage;
    return cordon::run(*arguments);
}
