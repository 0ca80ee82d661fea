// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/sender_memory.h"

#include <algorithm>
#include <cmath>
#include <utility>

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
// Of hosts that share it; a file from before has none of these.
constexpr const char* kSharedSchema =
    "CREATE TABLE IF NOT EXISTS spool (number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT "
    "NULL, act INTEGER NOT NULL, key TEXT NOT NULL, ham REAL NOT NULL, spam REAL NOT NULL, first "
    "INTEGER NOT NULL, last INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS spool_key ON spool (kind, key, number);"
    "CREATE TABLE IF NOT EXISTS hosts (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT "
    "ROWID;"
    "CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;";
constexpr double kHalfLife = 30.0 * 86'400;  // seconds
constexpr std::int64_t kLongest = 730LL * 86'400;
constexpr unsigned kAdditionsBetweenPrunings = 5000;
constexpr Milliseconds kLongestWait{50};
constexpr std::size_t kKeyDigits = 32;  // 128 bits: nobody finds two names with one hash

double faded(double value, std::int64_t seconds) {
    return seconds <= 0 ? value : value * std::exp2(-static_cast<double>(seconds) / kHalfLife);
}

/// What `before` becomes. A clock that went back must not make the past count more.
Remembered changed(const Remembered& before, MemoryAct act, const Remembered& change) {
    const auto time = std::max(change.last, before.last);
    const auto past = act == MemoryAct::replace ? Remembered{} : before;
    Remembered out{faded(past.ham, time - before.last), faded(past.spam, time - before.last),
                   before.is_there() ? before.first : change.first, time};
    if (act == MemoryAct::merge) {
        out.ham = std::max(out.ham, faded(change.ham, time - change.last));
        out.spam = std::max(out.spam, faded(change.spam, time - change.last));
        out.first = std::min(out.first, change.first);
    } else {
        out.ham += change.ham;
        out.spam += change.spam;
    }
    const double scale =
        std::min(1.0, SenderMemory::kMostCounted / std::max(1.0, out.ham + out.spam));
    out.ham *= scale;
    out.spam *= scale;
    return out;
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
    if (auto done = database->run(kSharedSchema); !done) return tl::unexpected(done.error());
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

Result<std::unique_ptr<SenderMemory>> SenderMemory::open(const std::string& path, bool is_shared) {
    auto database = open_database(path);
    if (!database && is_damage(database.error())) {
        if (auto done = put_aside(path, database.error()); !done)
            return tl::unexpected(done.error());
        database = open_database(path);
    }
    if (!database) return tl::unexpected(database.error());
    std::unique_ptr<SenderMemory> out(new SenderMemory(std::move(*database)));
    if (auto done = out->share(is_shared); !done) return tl::unexpected(done.error());
    return out;
}

Result<SenderMemory::Lock> SenderMemory::lock_soon() {
    Lock lock(mutex_, kLongestWait);
    if (!lock) return fail("the memory of senders is busy");
    return lock;
}

SenderMemory::~SenderMemory() {
    static_cast<void>(add_kept());
}

Result<Remembered> SenderMemory::find(MemoryKind kind, std::string_view name, std::int64_t now) {
    const auto key = memory_key(kind, name);
    const auto lock = lock_soon();
    if (!lock) return tl::unexpected(lock.error());
    static_cast<void>(add_kept());  // who adds is told of a failure
    auto out = read(database_, kind, key);
    if (out && is_shared_) out = with_waiting(*out, kind, key);
    if (!out) return out;
    out->ham = faded(out->ham, now - out->last);
    out->spam = faded(out->spam, now - out->last);
    return out;
}

Result<Remembered> SenderMemory::with_waiting(Remembered value, MemoryKind kind,
                                              std::string_view key) {
    auto rows = database_.prepare(
        "SELECT number, kind, act, key, ham, spam, first, last FROM spool WHERE kind = ? AND key = "
        "? ORDER BY number");
    if (!rows) return tl::unexpected(rows.error());
    const auto waiting = changes_of(rows->bind(static_cast<int>(kind), key));
    if (!waiting) return tl::unexpected(waiting.error());
    for (const auto& change : *waiting) value = changed(value, change.act, change.value);
    return value;
}

Result<std::vector<SpooledChange>> SenderMemory::changes_of(SqlStatement& rows) const {
    std::vector<SpooledChange> out;
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return out;
        out.push_back({static_cast<std::uint64_t>(rows.integer(0)),
                       static_cast<MemoryKind>(rows.integer(1)),
                       static_cast<MemoryAct>(rows.integer(2)), rows.text(3),
                       Remembered{rows.real(4), rows.real(5), rows.integer(6), rows.integer(7)}});
    }
}

Result<void> SenderMemory::apply(const SpooledChange& change) {
    const auto before = read(database_, change.kind, change.key);
    if (!before) return tl::unexpected(before.error());
    const auto now = changed(*before, change.act, change.value);
    return database_.run_with(
        "INSERT OR REPLACE INTO memory (kind, key, ham, spam, first, last) VALUES (?, ?, ?, ?, ?, "
        "?)",
        static_cast<int>(change.kind), change.key, now.ham, now.spam, now.first, now.last);
}

Result<void> SenderMemory::keep(const MemoryChange& change) {
    const bool is_kept = kept_.with([&](std::vector<MemoryChange>& kept) {
        const bool has_room = kept.size() < kMostKept;
        if (has_room) kept.push_back(change);
        return has_room;
    });
    return is_kept ? Result<void>() : fail("the memory of senders is busy for too long");
}

/// All of it or, when that fails, nothing, and it is kept.
Result<void> SenderMemory::add_kept() {
    auto taken = kept_.with([](auto& kept) { return std::exchange(kept, {}); });
    if (taken.empty()) return {};
    SqlTransaction transaction(database_);
    Result<void> done;
    for (auto change = taken.begin(); done && change != taken.end(); ++change)
        done = write(*change);
    if (done) done = transaction.commit();
    if (done) return done;
    kept_.with([&](auto& kept) { kept.insert(kept.begin(), taken.begin(), taken.end()); });
    return done;
}

Result<void> SenderMemory::add(const MemoryChange& change) {
    if (auto done = keep(change); !done) return done;
    const auto lock = lock_soon();
    if (!lock) return {};
    if (auto done = add_kept(); !done) return done;
    if (is_shared_ || ++additions_ % kAdditionsBetweenPrunings != 0) return {};
    return prune_locked(change.time, kMostNames);
}

Result<void> SenderMemory::write(const MemoryChange& change) {
    const auto act = change.is_verdict ? MemoryAct::replace : MemoryAct::count;
    const Remembered value{change.ham, change.spam, change.time, change.time};
    for (const auto& key : change.keys) {
        const SpooledChange one{0, change.kind, act, key, value};
        if (auto done = is_shared_ ? spool(one) : apply(one); !done) return done;
    }
    return {};
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
                "? ORDER BY last DESC, key LIMIT -1 OFFSET ?)",
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
