// SPDX-License-Identifier: GPL-2.0-only
// One folder watched by IDLE (RFC 2177) on a connection of its own: a move there shows within the
// server's notification delay. Where it can't be watched the agent looks by the clock.
#pragma once

#include <memory>
#include <string>

#include "quarantine/imap/imap_connection.h"

namespace cordon {

class FolderWatch {
 public:
    FolderWatch(const ImapServer& server, std::string folder, std::size_t number)
        : server_(server), folder_(std::move(folder)), number_(number) {}

    std::size_t number() const { return number_; }
    bool is_active() const { return connection_ != nullptr; }
    int fd() const { return connection_ ? connection_->fd() : -1; }

    /// Connects, renews, or reads what has come; true when the folder is to be looked at. Never
    /// fails: a watch that is lost is tried again later.
    bool tick();

 private:
    Result<void> start();
    void lost(const Error& why);

    const ImapServer& server_;
    std::string folder_;
    std::size_t number_;
    std::unique_ptr<ImapConnection> connection_;
    Steady::time_point renew_at_{};
    Steady::time_point retry_at_{};
    Milliseconds pause_{};
    bool can_idle_ = true;
};

}  // namespace cordon
