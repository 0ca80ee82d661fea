// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/review/folder_watch.h"

#include <algorithm>

#include "conf/base/log.h"
#include "quarantine/imap/imap_mailbox.h"

namespace cordon {

namespace {

constexpr Milliseconds kOpenTime(20'000);
// Servers end IDLE after 30 minutes, address translators forget a silent connection after 10.
constexpr Milliseconds kRenewal(9 * 60'000);
constexpr Milliseconds kFirstPause(2000);
constexpr Milliseconds kLongestPause(300'000);

}  // namespace

Result<void> FolderWatch::start() {
    const auto deadline = Deadline::in(kOpenTime);
    auto connection = ImapConnection::open(server_, deadline);
    if (!connection) return tl::unexpected(connection.error());
    can_idle_ = (*connection)->can("IDLE");
    if (!can_idle_) return fail("the server has no IDLE: its folders are looked at by the clock");
    if (auto selected = ImapMailbox(**connection).select(folder_); !selected)
        return tl::unexpected(selected.error());
    if (auto done = (*connection)->start_idle(deadline); !done) return done;
    connection_ = std::move(*connection);
    renew_at_ = Steady::now() + kRenewal;
    return {};
}

void FolderWatch::lost(const Error& why) {
    connection_.reset();
    pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
    retry_at_ = Steady::now() + pause_;
    log::info("watch-lost", {{"folder", folder_}, {"error", why.what}});
}

bool FolderWatch::tick() {
    const auto now = Steady::now();
    if (!connection_) {
        if (!can_idle_ || now < retry_at_) return false;
        if (auto started = start(); !started) {
            lost(started.error());
            return false;
        }
        return true;  // what came before nobody told
    }
    auto news = connection_->poll_idle();
    if (news && now >= renew_at_) {
        auto done = connection_->end_idle(Deadline::in(kOpenTime));
        if (done) done = connection_->start_idle(Deadline::in(kOpenTime));
        renew_at_ = now + kRenewal;
        if (!done) news = tl::unexpected(done.error());
        if (news) news = true;
    }
    if (!news) {
        lost(news.error());
        return true;
    }
    if (*news) pause_ = {};
    return *news;
}

}  // namespace cordon
