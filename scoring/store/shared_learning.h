// SPDX-License-Identifier: GPL-2.0-only
// Learning among hosts, in a thread of its own that nobody waits for. Each host puts what it is
// taught into its spool, durable, and from there into the shared log; each takes the log, in order,
// into its own; who holds the lock trains the table on it and publishes that, the others load it.
// Another host goes on from the published table when the holder is gone.
//
// A store that is down, slow, full or in disorder costs time alone: what was taught waits in the
// spool, which is kept a day longer than needed, since a store may come back without its last
// minutes. One that comes back empty is begun anew by whoever gets the lock, and the others spool
// what they know once more; the log tells what is known already.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "conf/base/guarded.h"
#include "scoring/store/learning_service.h"
#include "scoring/store/shared_status.h"
#include "scoring/store/shared_store.h"
#include "scoring/store/store_thread.h"

namespace cordon {

class SharedLearning {
 public:
    struct Options {
        StoreUrl url;
        std::string password;
        std::string host_name;  // for people
    };
    /// `service` is borrowed, and shares already.
    SharedLearning(LearningService& service, Options options);
    ~SharedLearning();
    SharedLearning(const SharedLearning&) = delete;
    SharedLearning& operator=(const SharedLearning&) = delete;

    SharedStatus status();

 private:
    /// One round; true when there may be more to do at once.
    Result<bool> turn();
    Result<void> connect();
    Result<void> renew_name();
    Result<void> hold_lock(const SharedState& state);
    Result<void> release_training();
    Result<bool> follow(SharedState& state);
    Result<bool> begin_log(SharedState& state);
    Result<bool> send(const SharedState& state);
    Result<bool> receive();
    Result<void> exchange_table(const SharedState& state, bool is_busy);
    Result<void> publish();
    Result<void> load(std::uint64_t number);
    void after_failure();

    LearningService& service_;
    Options options_;
    std::optional<SharedStore> store_;
    std::string epoch_;
    std::string holder_;           // while this host holds the lock
    bool is_training_ = false;     // and has taken the table over
    std::uint64_t position_ = 0;   // last event taken from the log
    std::uint64_t table_ = 0;      // number of the table that this host has
    std::uint64_t published_ = 0;  // what its table contains: position and rebuilds
    std::uint64_t rebuilds_ = 0;
    Steady::time_point publication_{};
    Deadline next_pruning_{Steady::time_point()};
    Guarded<SharedStatus> status_;
    StoreThread thread_;  // the last member: it uses the others
};

}  // namespace cordon
