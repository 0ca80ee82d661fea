// SPDX-License-Identifier: GPL-2.0-only
// Whom own users have written to, which messages they sent, and how authenticated senders behaved:
// one table in SQLite of hashed names with counters that halve in a month. Bounded, each kind for
// itself, so that a flood of one does not wash away another; the oldest goes. A power failure may
// cost the last minutes, never the file. Safe from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "conf/base/result.h"
#include "conf/base/sqlite.h"

namespace cordon {

/// What is remembered under a name. `outbound` has one name, for all mail that own users sent.
enum class MemoryKind : std::uint8_t {
    correspondent = 1,
    message = 2,
    behaviour = 3,
    outbound = 4
};

struct Remembered {
    double ham = 0;
    double spam = 0;
    std::int64_t first = 0;  // when it was heard of first
    std::int64_t last = 0;   // 0: nothing is remembered

    bool is_there() const { return last != 0; }
};

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

    /// What is damaged is put aside and begun anew.
    static Result<std::unique_ptr<SenderMemory>> open(const std::string& path);

    Result<Remembered> find(MemoryKind kind, std::string_view name, std::int64_t now);
    Result<void> add(const MemoryChange& change);
    /// Forgets what is too old or too much; else it happens once in a while by itself.
    Result<void> prune(std::int64_t now, std::int64_t most = kMostNames);
    Result<std::int64_t> size();

 private:
    explicit SenderMemory(SqlDatabase database) : database_(std::move(database)) {}
    Result<void> add_one(std::string_view key, const MemoryChange& change);
    Result<void> prune_locked(std::int64_t now, std::int64_t most);

    std::mutex mutex_;
    SqlDatabase database_;
    unsigned additions_ = 0;
};

}  // namespace cordon
