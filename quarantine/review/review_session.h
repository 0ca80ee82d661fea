// SPDX-License-Identifier: GPL-2.0-only
// One connection's work on the quarantine mailbox: looks at folders and at what the keeper tells,
// plans, and carries it out. It parses no mail: what it asks the server for are UIDs, flags and the
// fields with seal and id; bodies are opaque. When the connection breaks it is thrown away, and the
// next one begins with a sweep: nothing is remembered that mailbox and keeper don't say.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "conf/configuration.h"
#include "quarantine/imap/imap_mailbox.h"
#include "quarantine/keeper/client.h"
#include "quarantine/review/review_folders.h"
#include "quarantine/review/review_plan.h"

namespace cordon {

/// What stands in the way, for the log and `cordon doctor`; the first of a round.
struct ReviewCounts {
    std::size_t items = 0;    // review items of known messages
    std::size_t waiting = 0;  // held, and not in the mailbox yet
    std::size_t foreign = 0;  // mail with an id that nobody here knows
    std::size_t missed = 0;   // the last so many held messages that the MTA did not bring
};

/// Outlives the connection: whether the MTA brings held mail into the mailbox.
struct ArrivalCount {
    std::int64_t since = unix_time();  // what came before may have come and gone
    std::size_t missed = 0;            // the last so many
};

class ReviewSession {
 public:
    ReviewSession(ConfigurationPtr configuration, const KeeperClient& keeper,
                  std::unique_ptr<ImapConnection> connection, ArrivalCount& arrivals);

    /// Makes the folders and looks at everything. An error: the connection is of no use.
    Result<void> begin();
    /// Looks at everything again.
    Result<void> sweep();
    /// What has happened since: asks the keeper, looks at the folders of `changed`, acts.
    Result<void> look(const std::set<std::size_t>& changed);

    const std::vector<ReviewFolder>& folders() const { return folders_; }
    /// What the server or the keeper refused in the last round; empty when nothing.
    const std::string& problem() const { return problem_; }
    ReviewCounts counts() const;
    /// Whether a release was ordered since the last call.
    bool take_ordered() { return std::exchange(has_ordered_, false); }

    /// Whether the message is among the arrivals; it is removed.
    Result<bool> take_probe(const std::string& message_id);

 private:
    struct Entry {
        ItemRecord record;
        bool is_known = false;    // to the keeper
        bool is_foreign = false;  // looked at, and not ours
        std::int64_t received_at = 0;
        std::vector<Sighting> sightings;
        std::vector<Sighting> deleted;  // marked so, and still there
    };
    struct FolderState {
        std::uint32_t uid_validity = 0;
        std::uint32_t next_uid = 1;
        std::uint32_t exists = 0;  // messages, when it was selected
    };
    using Entries = std::map<std::string, Entry, std::less<>>;
    /// Moves and removals, folder by folder: one command each.
    struct Batch {
        std::map<std::pair<std::size_t, Place>, std::vector<std::string>> marks;
        std::map<std::pair<std::size_t, Place>, Uids> moves;
        std::map<std::size_t, Uids> removals;
    };

    Result<void> select(std::size_t folder);
    Result<void> refresh(std::size_t folder, bool is_whole);
    Result<void> try_again(std::size_t folder, const Error& refusal);
    void forget(std::size_t folder);
    void see(std::size_t folder, const ImapHead& head);
    Result<void> ask_keeper();
    void take_status(const ItemStatus& status);

    Result<void> act();
    Result<void> verify();
    Result<void> plan_and_start(const std::string& id, Batch& batch);
    Result<void> carry_out(const std::string& id, Entry& entry, const Step& step, Batch& batch);
    Result<void> finish(Batch& batch);
    Result<void> finish_moves(Batch& batch);
    Result<void> store(const std::string& id, Entry& entry, Place place);
    Result<void> order(const std::string& id, Entry& entry, Step::Kind kind);
    Result<void> mark(const std::string& id, Entry& entry, Place place);
    void drop(const Sighting& sighting, Entry& entry);
    void expunge_rest(Entry& entry, Batch& batch) const;
    void note_arrival(const Entry& entry);

    Result<void> restore_unknown();
    Result<void> restore(const std::string& id, Entry& entry);
    Result<std::string> original_of(const Sighting& sighting, std::uint64_t size);

    std::size_t folder_of(Place place, std::uint16_t number = 0) const;
    std::string title_of(Place place) const;  // as people and the keeper see the folder
    std::optional<Place> place_titled(std::string_view title) const;
    bool is_late(const Entry& entry) const;
    /// Notes a refusal and puts the message off; the error itself when the connection is gone.
    Result<void> refused(const std::string& id, const Error& why);

    ConfigurationPtr configuration_;
    const KeeperClient& keeper_;
    std::unique_ptr<ImapConnection> connection_;
    ImapMailbox mailbox_;
    std::vector<ReviewFolder> folders_;
    std::vector<FolderState> states_;
    std::optional<std::size_t> selected_;
    Entries entries_;
    std::set<std::string> todo_;
    std::set<std::string> waiting_;  // held, and no item yet
    std::set<std::string> put_off_;  // refused; tried again later
    Steady::time_point retry_at_{};
    Milliseconds pause_{};
    std::set<std::size_t> stale_;  // folders to be looked at again without news of them
    std::uint64_t last_change_ = 0;
    ArrivalCount& arrivals_;
    std::string problem_;
    bool has_ordered_ = false;
};

}  // namespace cordon
