// SPDX-License-Identifier: GPL-2.0-only
// The store that several hosts share, in Redis or Valkey: a log of events (a stream), who trains
// the table (a lock that expires, with a number that rises with each holder), and the table as it
// was last published. What must not be torn apart is a script on the server:
//
//   * events get their numbers there, and those that a host sent before are passed over, so that an
//     answer that was lost does no harm;
//   * only who holds the lock publishes a table.
//
// The names of all keys carry the versions of table and features: what other versions of Cordon
// make is another store. Belongs to one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scoring/store/event_spool.h"
#include "scoring/store/redis_connection.h"

namespace cordon {

struct SharedState {
    std::string epoch;         // which log this is; empty: nobody has begun one
    std::uint64_t events = 0;  // number of the last one
    std::uint64_t sent = 0;    // the last one of this host that it has
    std::uint64_t table = 0;   // counts published tables; 0: there is none
    std::string holder;        // of the lock; empty: nobody
};

class SharedStore {
 public:
    /// The log and what may still be sent before somebody must have learned.
    static constexpr std::uint64_t kKeptEvents = 20'000;
    static constexpr std::uint64_t kMostWaiting = 50'000;

    SharedStore(RedisConnection connection, std::string host);

    Result<SharedState> state();

    /// Nothing when another host was faster; else the name under which this one holds it.
    Result<std::optional<std::string>> take_lock(Milliseconds time, const std::string& host_name);
    /// False: it is held no longer.
    Result<bool> keep_lock(const std::string& holder, Milliseconds time);
    Result<void> leave_lock(const std::string& holder);

    /// Begins a log; numbers go on after `last`.
    Result<bool> found(const std::string& holder, const std::string& epoch, std::uint64_t last);
    /// The number of the last event of this host that the store has now; fewer than were given when
    /// too much waits there.
    Result<std::uint64_t> send(const std::string& epoch, const std::vector<SpooledEvent>& events);
    /// Events after that one, in order; what can't be read is passed over and counted.
    Result<std::vector<SpooledEvent>> events_after(std::uint64_t number, std::size_t limit);
    std::uint64_t damaged() const { return damaged_; }

    /// The number of the table now; nothing when the lock is not held.
    Result<std::optional<std::uint64_t>> publish(const std::string& holder, std::uint64_t last,
                                                 const std::string& table);
    Result<std::string> table();

    bool is_broken() const { return connection_.is_broken(); }
    int fd() const { return connection_.fd(); }

 private:
    std::string key(std::string_view name) const;
    Result<RedisReply> run(const char* script, const std::vector<std::string>& names,
                           const std::vector<std::string>& arguments);

    RedisConnection connection_;
    std::string host_;
    std::uint64_t damaged_ = 0;
};

}  // namespace cordon
