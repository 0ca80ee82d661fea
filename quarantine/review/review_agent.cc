// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/review/review_agent.h"

#include <algorithm>

#include "conf/base/log.h"
#include "conf/base/mail_address.h"

namespace cordon {

namespace {

constexpr Milliseconds kConnectTime(30'000);
constexpr Milliseconds kFirstPause(1000);
constexpr Milliseconds kLongestPause(60'000);
constexpr Milliseconds kKeeperInterval(1000);
constexpr Milliseconds kPollInterval(5000);
constexpr Milliseconds kSweepInterval(300'000);

}  // namespace

ReviewAgent::ReviewAgent(ConfigurationPtr configuration, ImapServer server,
                         const KeeperClient& keeper)
    : configuration_(std::move(configuration)),
      server_(std::move(server)),
      keeper_(keeper),
      probe_(configuration_, keeper) {}

bool ReviewAgent::tick() {
    const auto now = Steady::now();
    if (!session_ && now >= connect_at_) connect();
    if (!session_) return false;
    watch();
    auto done = work();
    const bool has_ordered = session_->take_ordered();
    if (!done) lost(done.error());
    return has_ordered;
}

void ReviewAgent::connect() {
    auto connection = ImapConnection::open(server_, Deadline::in(kConnectTime));
    if (!connection) return lost(connection.error());
    session_ =
        std::make_unique<ReviewSession>(configuration_, keeper_, std::move(*connection), arrivals_);
    if (auto begun = session_->begin(); !begun) return lost(begun.error());
    pause_ = {};
    sweep_at_ = Steady::now() + kSweepInterval;
    status_.is_connected = true;
    status_.swept_at = unix_time();
    watches_.clear();
    const auto& folders = session_->folders();
    for (std::size_t i = 0; i < folders.size(); ++i)
        if (folders[i].is_watched) watches_.emplace_back(server_, folders[i].name, i);
    log::info("mailbox-opened", {{"user", server_.user}, {"items", session_->counts().items}});
    trouble(session_->problem(), "trying again");
}

void ReviewAgent::watch() {
    for (auto& folder : watches_)
        if (folder.tick()) changed_.insert(folder.number());
    const auto now = Steady::now();
    if (now < poll_at_) return;
    poll_at_ = now + kPollInterval;
    for (const auto& folder : watches_)
        if (!folder.is_active()) changed_.insert(folder.number());
}

Result<void> ReviewAgent::work() {
    const auto now = Steady::now();
    Result<void> done;
    if (now >= sweep_at_) {
        done = session_->sweep();
        sweep_at_ = Steady::now() + kSweepInterval;
        status_.swept_at = unix_time();
        changed_.clear();
    } else if (!changed_.empty() || now >= look_at_) {
        done = session_->look(std::exchange(changed_, {}));
    } else {
        return {};
    }
    look_at_ = Steady::now() + kKeeperInterval;
    if (done) done = probe_.tick(*session_);
    const auto& problem = session_->problem();
    if (done) trouble(problem.empty() ? probe_.problem() : problem, "trying again");
    return done;
}

void ReviewAgent::lost(const Error& why) {
    session_.reset();
    watches_.clear();
    changed_.clear();
    status_.is_connected = false;
    pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
    connect_at_ = Steady::now() + pause_;
    trouble(why.what, "connecting again");
}

/// Says it once when it begins, once when it is over, and keeps the status file true.
void ReviewAgent::trouble(const std::string& what, std::string_view action) {
    ReviewStatus status = status_;
    status.problem = what;
    if (session_) {
        const auto counts = session_->counts();
        status.items = counts.items;
        status.waiting = counts.waiting;
        status.foreign = counts.foreign;
        status.missed = counts.missed;
    }
    if (what != status_.problem) {
        status.since = unix_time();
        if (!what.empty())
            log::error("mailbox-trouble", {{"error", what}, {"action", action}});
        else
            log::info("mailbox-works-again");
    }
    if (status.since == 0) status.since = unix_time();
    status_ = status;
    if (status_ == written_) return;
    written_ = status_;
    const auto path = review_status_path(configuration_->cordon.run_directory);
    if (auto written = replace_file(path, encode_review_status(status_), 0644); !written)
        log::warn("status-not-written", {{"error", written.error().what}});
}

void ReviewAgent::add_descriptors(std::vector<pollfd>& to) const {
    for (const auto& folder : watches_)
        if (folder.is_active()) to.push_back({folder.fd(), POLLIN, 0});
}

Steady::time_point ReviewAgent::due() const {
    return session_ ? look_at_ : connect_at_;
}

}  // namespace cordon
