// SPDX-License-Identifier: GPL-2.0-only
// Whom own users have written to, which messages they sent, and how authenticated senders behaved:
// one table in SQLite of hashed names with counters that halve in a month. Bounded, each kind for
// itself, so that a flood of one does not wash away another; the oldest goes. A power failure may
// cost the last minutes, never the file. Safe from several threads.
//
// Of several hosts that share it (shared_memory.h) each has this table as it is at one place of the
// shared log, and beside it the changes of its own that have not come back through the log: what is
// read is both together. So one's own mail counts at once, and the tables of all hosts are equal.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "conf/base/clock.h"
#include "conf/base/guarded.h"
#include "conf/base/result.h"
#include "conf/base/sqlite.h"
#include "scoring/store/memory_record.h"

namespace cordon {

/// What one message, or a person, adds to what is remembered under some names.
struct MemoryChange {
    MemoryKind kind = MemoryKind::behaviour;
    std::vector<std::string> keys;  // of memory_key()
    double ham = 0;
    double spam = 0;
    std::int64_t time = 0;
    bool is_verdict = false;  // a person's: it counts instead of what was remembered
};

/// A name, hashed with its kind; letters of either case are one.
std::string memory_key(MemoryKind kind, std::string_view name);

class SenderMemory {
 public:
    static constexpr std::int64_t kMostNames = 300'000;  // of each kind
    /// Beyond it an identity's counters keep their proportion: who changes is noticed soon.
    static constexpr double kMostCounted = 100;
    /// Kept while the memory is busy; beyond it new ones are refused.
    static constexpr std::size_t kMostKept = 10'000;
    /// Changes that wait for the shared log, without those handed in on joining one; beyond it new
    /// ones are refused.
    static constexpr std::uint64_t kMostSpooled = 200'000;

    /// What is damaged is put aside and begun anew. Not shared (any more): what still waited is
    /// part of it.
    static Result<std::unique_ptr<SenderMemory>> open(const std::string& path,
                                                      bool is_shared = false);

    ~SenderMemory();
    SenderMemory(const SenderMemory&) = delete;
    SenderMemory& operator=(const SenderMemory&) = delete;

    /// Gives up when the memory is busy for long: mail does not wait for it.
    Result<Remembered> find(MemoryKind kind, std::string_view name, std::int64_t now);
    /// Nor for this: what finds the memory busy, or fails, is kept and added with what comes next.
    Result<void> add(const MemoryChange& change);
    /// Forgets what is too old or too much; else it happens once in a while by itself.
    Result<void> prune(std::int64_t now, std::int64_t most = kMostNames);
    Result<std::int64_t> size();

    /// Where this host is in which shared log.
    struct Place {
        std::string epoch;
        std::uint64_t position = 0;
    };
    Result<Place> place();
    /// Random: by it the others tell which changes they have from here.
    Result<std::string> host_name();
    /// After the numbers of the spool have been used: everything in it was sent, and comes back as
    /// if from another host.
    Result<std::string> renew_name();
    struct Waiting {
        std::vector<SpooledChange> changes;
        std::uint64_t count = 0;
        std::uint64_t last = 0;  // number of the last change ever made here
    };
    /// What the store, which has those up to `sent`, still lacks.
    Result<Waiting> waiting(std::uint64_t sent, std::size_t limit);
    /// Entries of the shared log, in order, each of its changes once; those it has seen are passed
    /// over.
    Result<void> consume(std::span<const MemoryEntry> entries);
    Result<MemorySnapshot> snapshot();
    /// The shared log begins with this memory.
    Result<void> found(const std::string& epoch);
    /// Goes on from a snapshot. In another log than before, what this host knew is handed to it.
    Result<void> join(const std::string& epoch, const MemorySnapshot& snapshot);

 private:
    using Lock = std::unique_lock<std::timed_mutex>;
    explicit SenderMemory(SqlDatabase database) : database_(std::move(database)) {}
    Result<Lock> lock_soon();
    Result<void> keep(const MemoryChange& change);
    Result<void> add_kept();
    Result<void> write(const MemoryChange& change);
    Result<void> share(bool value);
    Result<void> leave();
    Result<Remembered> with_waiting(Remembered value, MemoryKind kind, std::string_view key);
    Result<void> apply(const SpooledChange& change);
    Result<void> spool(const SpooledChange& change);
    Result<bool> add_to_waiting(const SpooledChange& change);
    Result<void> consume_one(const MemoryEntry& entry, const std::string& own_name);
    Result<void> prune_locked(std::int64_t now, std::int64_t most);
    Result<void> take_names(const MemorySnapshot& snapshot);
    Result<std::vector<SpooledChange>> changes_of(SqlStatement& rows) const;
    Result<std::uint64_t> number(std::string_view sql, std::uint64_t value);
    Result<std::string> note(std::string_view name);
    Result<void> set_note(std::string_view name, const std::string& value);

    std::timed_mutex mutex_;
    SqlDatabase database_;
    bool is_shared_ = false;
    std::uint64_t offered_ = 0;    // a change up to this one may be on its way: it stays as it is
    std::uint64_t handed_in_ = 0;  // changes up to this one do not fill the spool
    unsigned additions_ = 0;
    Guarded<std::vector<MemoryChange>> kept_;
};

}  // namespace cordon
