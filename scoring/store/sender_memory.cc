// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/sender_memory.h"

#include <algorithm>
#include <cmath>

#include "conf/base/digest.h"
#include "conf/base/text.h"
#include "scoring/store/put_aside.h"

namespace cordon {

namespace {

constexpr int kMemoryVersion = 1;
constexpr const char* kSchema =
    "CREATE TABLE memory (kind INTEGER NOT NULL, key TEXT NOT NULL, ham REAL NOT NULL, spam REAL "
    "NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (kind, key)) WITHOUT "
    "ROWID;"
    "CREATE INDEX memory_last ON memory (kind, last);";
constexpr double kHalfLife = 30.0 * 86'400;  // seconds
constexpr std::int64_t kLongest = 730LL * 86'400;
constexpr unsigned kAdditionsBetweenPrunings = 5000;
constexpr std::size_t kKeyDigits = 32;  // 128 bits: nobody finds two names with one hash

double faded(double value, std::int64_t seconds) {
    return seconds <= 0 ? value : value * std::exp2(-static_cast<double>(seconds) / kHalfLife);
}

Result<Remembered> read(SqlDatabase& database, MemoryKind kind, std::string_view key) {
    auto row =
        database.prepare("SELECT ham, spam, first, last FROM memory WHERE kind = ? AND key = ?");
    if (!row) return tl::unexpected(row.error());
    const auto is_there = row->bind(static_cast<int>(kind), key).step();
    if (!is_there) return tl::unexpected(is_there.error());
    if (!*is_there) return Remembered{};
    return Remembered{row->real(0), row->real(1), row->integer(2), row->integer(3)};
}

Result<SqlDatabase> open_database(const std::string& path) {
    auto database = SqlDatabase::open(path);
    if (!database) return database;
    if (auto done = database->adopt(kMemoryVersion, kSchema); !done)
        return tl::unexpected(done.error());
    if (auto done = database->set_durable(false); !done) return tl::unexpected(done.error());
    // Damage shows when something is read.
    if (auto seen = read(*database, MemoryKind::outbound, ""); !seen)
        return tl::unexpected(seen.error());
    return database;
}

}  // namespace

std::string memory_key(MemoryKind kind, std::string_view name) {
    const auto number = std::to_string(static_cast<int>(kind));
    return sha256_hex(number + ":" + lower(name)).substr(0, kKeyDigits);
}

Result<std::unique_ptr<SenderMemory>> SenderMemory::open(const std::string& path) {
    auto database = open_database(path);
    if (!database && is_damage(database.error())) {
        if (auto done = put_aside(path, database.error()); !done)
            return tl::unexpected(done.error());
        database = open_database(path);
    }
    if (!database) return tl::unexpected(database.error());
    return std::unique_ptr<SenderMemory>(new SenderMemory(std::move(*database)));
}

Result<Remembered> SenderMemory::find(MemoryKind kind, std::string_view name, std::int64_t now) {
    const auto key = memory_key(kind, name);
    const std::lock_guard lock(mutex_);
    auto out = read(database_, kind, key);
    if (!out) return out;
    out->ham = faded(out->ham, now - out->last);
    out->spam = faded(out->spam, now - out->last);
    return out;
}

Result<void> SenderMemory::add_one(std::string_view key, const MemoryChange& change) {
    const auto before = read(database_, change.kind, key);
    if (!before) return tl::unexpected(before.error());
    // A clock that went back must not make the past count more.
    const auto time = std::max(change.time, before->last);
    const auto kept = change.is_verdict ? Remembered{} : *before;
    const double ham = faded(kept.ham, time - kept.last) + change.ham;
    const double spam = faded(kept.spam, time - kept.last) + change.spam;
    const double scale = std::min(1.0, kMostCounted / std::max(1.0, ham + spam));
    return database_.run_with(
        "INSERT OR REPLACE INTO memory (kind, key, ham, spam, first, last) VALUES (?, ?, ?, ?, ?, "
        "?)",
        static_cast<int>(change.kind), key, ham * scale, spam * scale,
        before->is_there() ? before->first : time, time);
}

Result<void> SenderMemory::add(const MemoryChange& change) {
    const std::lock_guard lock(mutex_);
    SqlTransaction transaction(database_);
    for (const auto& key : change.keys)
        if (auto done = add_one(key, change); !done) return done;
    if (auto done = transaction.commit(); !done) return done;
    if (++additions_ % kAdditionsBetweenPrunings != 0) return {};
    return prune_locked(change.time, kMostNames);
}

Result<void> SenderMemory::prune(std::int64_t now, std::int64_t most) {
    const std::lock_guard lock(mutex_);
    return prune_locked(now, most);
}

Result<void> SenderMemory::prune_locked(std::int64_t now, std::int64_t most) {
    for (const auto kind :
         {MemoryKind::correspondent, MemoryKind::message, MemoryKind::behaviour}) {
        const auto number = static_cast<int>(kind);
        auto done = database_.run_with("DELETE FROM memory WHERE kind = ? AND last < ?", number,
                                       now - kLongest);
        if (done)
            done = database_.run_with(
                "DELETE FROM memory WHERE kind = ? AND key IN (SELECT key FROM memory WHERE kind = "
                "? ORDER BY last DESC LIMIT -1 OFFSET ?)",
                number, number, most);
        if (!done) return done;
    }
    return {};
}

Result<std::int64_t> SenderMemory::size() {
    const std::lock_guard lock(mutex_);
    auto row = database_.prepare("SELECT COUNT(*) FROM memory");
    if (!row) return tl::unexpected(row.error());
    const auto is_there = row->step();
    if (!is_there) return tl::unexpected(is_there.error());
    return row->integer(0);
}

}  // namespace cordon
