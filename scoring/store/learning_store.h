// SPDX-License-Identifier: GPL-2.0-only
// The log of events, the table that they make, and its snapshot on disk: one folder, one writer
// (a lock file keeps a second one out). An event that was acknowledged is in the log; the table is
// brought up to it whenever the store is opened, each event once. Belongs to one thread at a time.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "conf/base/file_descriptor.h"
#include "conf/base/result.h"
#include "scoring/store/event_log.h"
#include "scoring/store/event_spool.h"

namespace cordon {

struct LearningCounts {
    std::uint64_t ham = 0;
    std::uint64_t spam = 0;
    std::uint64_t events = 0;  // number of the last one
};

struct SpooledBatch {
    std::vector<SpooledEvent> events;
    std::uint64_t waiting = 0;  // these, and what comes after them
    std::uint64_t last = 0;     // the highest number that the spool ever gave
};

class LearningStore {
 public:
    /// `live_table`: the file that workers read, or empty: nobody does. What is damaged in the
    /// folder is put aside and made again from the rest; the log says so.
    static Result<std::unique_ptr<LearningStore>> open(const std::string& folder,
                                                       const std::string& live_table);
    ~LearningStore();
    LearningStore(const LearningStore&) = delete;
    LearningStore& operator=(const LearningStore&) = delete;

    /// Durable when the answer is good; all or none. In a shared store the outcomes are what this
    /// host knows, and the table follows when the store has taken the events.
    Result<std::vector<LearnOutcome>> learn(std::span<const LearnEvent> events);

    /// The snapshot, when enough has changed since the last one, or always.
    Result<void> save(bool always);
    /// Builds the table from the log, with the labels that count now.
    Result<void> rebuild();

    LearningCounts counts() const;
    const WeightTable& table() const { return *live_; }

    /// From now on this host shares what it learns: learn() only spools. See shared_learning.h for
    /// the rest, which is called from there.
    Result<void> share();
    bool is_shared() const { return spool_ != nullptr; }
    /// Random: by it the shared store tells which events it has from here. Made anew when the
    /// numbers of the spool have been used.
    Result<std::string> host_name(bool anew);
    /// What the store, which has those up to `sent`, still lacks.
    Result<SpooledBatch> waiting(std::uint64_t sent, std::size_t limit) const;
    /// Forgets those that were sent and are older than `before`.
    Result<void> note_sent(std::uint64_t sent, std::int64_t before);
    Result<std::uint64_t> last_number() const { return log_->last_number(); }
    std::uint64_t rebuilds() const { return rebuilds_; }
    std::string table_bytes() const { return snapshot_bytes(*live_); }
    /// Which shared log this host follows, and the last event that it has seen of it.
    Result<std::string> epoch() const;
    Result<std::uint64_t> position() const;
    /// Follows another shared log from its start: what was learned here is spooled for it.
    Result<void> join(const std::string& epoch);
    /// The shared log begins with what this host has learned.
    Result<void> found(const std::string& epoch);
    /// Events of the shared log, in order; those it has seen are passed over.
    Result<void> consume(std::span<const SpooledEvent> events);
    /// Which host trains the table: others take it as it is published.
    Result<void> set_trainer(bool value);
    bool is_trainer() const { return is_trainer_; }
    Result<void> take_table(std::string_view snapshot);

 private:
    LearningStore() = default;
    Result<void> set_position(std::uint64_t number);
    Result<void> leave_shared_log();
    void apply_new();
    void prune_sometimes(std::uint64_t last);
    Result<void> open_table(const std::string& live_table);
    Result<void> restore();
    Result<void> catch_up(std::uint64_t from);

    std::string folder_;
    UniqueFd lock_;
    std::unique_ptr<EventLog> log_;
    std::unique_ptr<EventSpool> spool_;  // of a shared store
    bool is_trainer_ = true;
    bool is_log_own_ = false;  // what is learned from now on is in no shared log, and it says so
    TableMapping live_;
    std::unique_ptr<Learner> learner_;
    std::uint64_t saved_ = 0;  // number of the last event in the snapshot
    std::uint64_t pruned_ = 0;
    std::uint64_t rebuilds_ = 0;
};

}  // namespace cordon
