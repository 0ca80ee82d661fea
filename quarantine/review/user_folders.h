// SPDX-License-Identifier: GPL-2.0-only
// Held mail in folders of its recipients, below FOLDER/Users of the quarantine mailbox
// (user-folders = shared). The server's ACLs (RFC 4314) let each see his own alone. A connection of
// its own; like the reviewers' half it parses no mail and remembers nothing that mailbox and keeper
// don't say.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "conf/configuration.h"
#include "quarantine/imap/imap_mailbox.h"
#include "quarantine/keeper/client.h"
#include "quarantine/review/user_plan.h"

namespace cordon {

class UserFolderSession {
 public:
    UserFolderSession(ConfigurationPtr configuration, const KeeperClient& keeper,
                      std::unique_ptr<ImapConnection> connection);

    /// Learns what is held and looks at every folder that is there. An error: the connection is of
    /// no use, or the server has no ACLs.
    Result<void> begin();
    /// What has changed since: in the keeper, and in the folders Release.
    Result<void> look();
    /// Looks at every folder again.
    void sweep();
    bool take_ordered() { return std::exchange(has_ordered_, false); }
    /// What the server refused last; empty: nothing.
    const std::string& problem() const { return problem_; }

 private:
    struct Folder {
        UserItems items;
        std::string held;  // names on the server; empty: not made yet
        std::string release;
        std::string status;  // of Release when it was looked at last
    };
    Result<void> find_folders();
    Result<void> ask_keeper();
    Result<void> take(const ItemStatus& status);
    void place(const std::string& id, const RecipientStatus& recipient);
    Result<void> open_folder(const std::string& address, Folder& folder);
    Result<void> guard(const std::string& name, const std::string& login, const char* rights);
    Result<void> poll();
    Result<void> serve(const std::string& address, Folder& folder);
    Result<void> carry_out(const std::string& address, Folder& folder, const UserPlan& plan);
    Result<std::vector<UserSighting>> sightings(const std::string& name);
    Result<void> store(const std::string& id, const std::string& address, const Folder& folder);
    Result<void> order(const std::string& id, const std::string& address);
    /// Notes a refusal; the error itself when the connection is gone.
    Result<void> refused(const Error& why);

    ConfigurationPtr configuration_;
    const KeeperClient& keeper_;
    std::unique_ptr<ImapConnection> connection_;
    ImapMailbox mailbox_;
    ImapNamespace space_;
    std::map<std::string, Folder> folders_;             // by address
    std::map<std::string, std::set<std::string>> who_;  // addresses by id
    std::set<std::string, std::less<>> known_;          // ids, to the keeper of this host
    std::set<std::string> todo_;                        // addresses to serve
    std::uint64_t last_change_ = 0;
    Steady::time_point poll_at_{};
    std::string problem_;
    bool has_ordered_ = false;
};

/// Keeps a session alive.
class UserFolderAgent {
 public:
    UserFolderAgent(ConfigurationPtr configuration, ImapServer server, const KeeperClient& keeper);
    /// What is due now. Never fails; true when something was ordered.
    bool tick();
    Steady::time_point due() const { return due_; }

 private:
    void lost(const Error& why);

    ConfigurationPtr configuration_;
    ImapServer server_;
    const KeeperClient& keeper_;
    std::unique_ptr<UserFolderSession> session_;
    Steady::time_point due_{};
    Steady::time_point sweep_at_{};
    Milliseconds pause_{};
    std::string problem_;
};

}  // namespace cordon
