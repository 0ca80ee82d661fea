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

namespace cordon {

struct LearningCounts {
    std::uint64_t ham = 0;
    std::uint64_t spam = 0;
    std::uint64_t events = 0;  // number of the last one
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

    /// Durable when the answer is good; all or none.
    Result<std::vector<LearnOutcome>> learn(std::span<const LearnEvent> events);

    /// The snapshot, when enough has changed since the last one, or always.
    Result<void> save(bool always);
    /// Builds the table from the log, with the labels that count now.
    Result<void> rebuild();

    LearningCounts counts() const;
    const WeightTable& table() const { return *live_; }

 private:
    LearningStore() = default;
    Result<void> open_table(const std::string& live_table);
    Result<void> restore();
    Result<void> catch_up(std::uint64_t from);

    std::string folder_;
    UniqueFd lock_;
    std::unique_ptr<EventLog> log_;
    TableMapping live_;
    std::unique_ptr<Learner> learner_;
    std::uint64_t saved_ = 0;  // number of the last event in the snapshot
    std::uint64_t pruned_ = 0;
};

}  // namespace cordon
