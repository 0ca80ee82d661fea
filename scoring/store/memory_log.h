// SPDX-License-Identifier: GPL-2.0-only
// The shared log of the memory of senders, in Redis or Valkey: a stream of changes, and the memory
// as it was at one place of it, for hosts that have missed more than the stream still has. Scripts
// on the server give the entries their numbers and pass over changes that a host sent before. No
// lock: hosts at one place of the log have the same memory, whoever publishes it. Names of keys
// carry a version. Belongs to one thread at a time.
#pragma once

#include <string>
#include <vector>

#include "scoring/store/memory_record.h"
#include "scoring/store/redis_connection.h"

namespace cordon {

struct MemoryLogState {
    std::string epoch;           // which log this is; empty: nobody has begun one
    std::uint64_t entries = 0;   // number of the last one
    std::uint64_t snapshot = 0;  // the place that the published memory stands for
    std::uint64_t sent = 0;      // the last change of this host that it has
};

/// "12-0", [fields]: one that can't be read has its place all the same, on all hosts, and no
/// changes.
Result<MemoryEntry> memory_entry_of(const RedisReply& reply);

class MemoryLog {
 public:
    /// Entries that stay behind a published memory, and at most, before somebody must publish.
    static constexpr std::uint64_t kKeptEntries = 10'000;
    static constexpr std::uint64_t kMostEntries = 50'000;
    static constexpr std::size_t kChangesOfEntry = 100;

    MemoryLog(RedisConnection connection, std::string host);

    Result<MemoryLogState> state();
    /// Begins log `next` where there is `before`, empty: none. False: another host was faster.
    Result<bool> found(const std::string& before, const std::string& next,
                       const MemorySnapshot& snapshot);
    /// The last change of this host that the log has now.
    Result<std::uint64_t> send(const std::string& epoch, const std::vector<SpooledChange>& changes);
    /// Entries after that one, in order.
    Result<std::vector<MemoryEntry>> entries_after(std::uint64_t position, std::size_t limit);
    /// Unless a later one is there.
    Result<void> publish(const std::string& epoch, const MemorySnapshot& snapshot);
    Result<MemorySnapshot> snapshot();

    bool is_broken() const { return connection_.is_broken(); }

 private:
    Result<RedisReply> run(const char* script, const std::vector<std::string>& names,
                           const std::vector<std::string>& arguments);

    RedisConnection connection_;
    std::string host_;
};

}  // namespace cordon
