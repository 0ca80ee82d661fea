// SPDX-License-Identifier: GPL-2.0-only
// The memory of senders as one of several that follow a shared log: see shared_memory.h.
#include <algorithm>

#include "conf/base/digest.h"
#include "conf/base/text.h"
#include "scoring/store/sender_memory.h"

namespace cordon {

namespace {

constexpr const char* kEpoch = "epoch";
constexpr const char* kPosition = "position";
constexpr const char* kHost = "host";
constexpr std::size_t kNameBytes = 8;
// While the store is away what concerns one name in an hour is one change.
constexpr std::int64_t kTogether = 3600;
// By the log, not by the clock: all hosts forget the same at the same place.
constexpr std::uint64_t kEntriesBetweenPrunings = 1000;

constexpr const char* kInsertName =
    "INSERT OR REPLACE INTO memory (kind, key, ham, spam, first, last) VALUES (?, ?, ?, ?, ?, ?)";

}  // namespace

Result<std::uint64_t> SenderMemory::number(std::string_view sql, std::uint64_t value) {
    auto statement = database_.prepare(sql);
    if (!statement) return tl::unexpected(statement.error());
    const auto row = statement->bind(value).step();
    if (!row) return tl::unexpected(row.error());
    return *row ? static_cast<std::uint64_t>(statement->integer(0)) : 0;
}

Result<std::string> SenderMemory::note(std::string_view name) {
    auto statement = database_.prepare("SELECT value FROM notes WHERE name = ?");
    if (!statement) return tl::unexpected(statement.error());
    const auto row = statement->bind(name).step();
    if (!row) return tl::unexpected(row.error());
    return *row ? statement->text(0) : std::string();
}

Result<void> SenderMemory::set_note(std::string_view name, const std::string& value) {
    return database_.run_with("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", name,
                              value);
}

Result<void> SenderMemory::share(bool value) {
    is_shared_ = value;
    const auto last = number("SELECT seq FROM sqlite_sequence WHERE name = 'spool' AND seq > ?", 0);
    if (!last) return tl::unexpected(last.error());
    offered_ = *last;
    const auto handed_in =
        number("SELECT MAX(number) FROM spool WHERE act = ?", static_cast<int>(MemoryAct::merge));
    if (!handed_in) return tl::unexpected(handed_in.error());
    handed_in_ = *handed_in;
    return value ? Result<void>() : leave();
}

/// What it knows from now on is in no shared log, and it says so when it shares again.
Result<void> SenderMemory::leave() {
    SqlTransaction transaction(database_);
    auto rows = database_.prepare(
        "SELECT number, kind, act, key, ham, spam, first, last FROM spool ORDER BY number");
    if (!rows) return tl::unexpected(rows.error());
    const auto waiting = changes_of(*rows);
    if (!waiting) return tl::unexpected(waiting.error());
    for (const auto& change : *waiting)
        if (auto done = apply(change); !done) return done;
    auto done = database_.run("DELETE FROM spool");
    if (done) done = set_note(kEpoch, "");
    return done ? transaction.commit() : done;
}

Result<SenderMemory::Place> SenderMemory::place() {
    const std::lock_guard lock(mutex_);
    auto epoch = note(kEpoch);
    const auto position = note(kPosition);
    if (!epoch || !position) return tl::unexpected((epoch ? position : epoch).error());
    return Place{std::move(*epoch), parse_unsigned(*position).value_or(0)};
}

Result<std::string> SenderMemory::host_name() {
    {
        const std::lock_guard lock(mutex_);
        auto name = note(kHost);
        if (!name || !name->empty()) return name;
    }
    return renew_name();
}

Result<std::string> SenderMemory::renew_name() {
    const std::lock_guard lock(mutex_);
    const auto before = note(kHost);
    if (!before) return before;
    auto name = random_hex(kNameBytes);
    SqlTransaction transaction(database_);
    auto done = set_note(kHost, name);
    if (done && !before->empty()) done = database_.run("DELETE FROM spool");
    if (done) done = transaction.commit();
    if (!done) return tl::unexpected(done.error());
    return name;
}

/// True when an earlier change of the same name that nobody has seen takes this one in.
Result<bool> SenderMemory::add_to_waiting(const SpooledChange& change) {
    if (change.act != MemoryAct::count) return false;
    auto last = database_.prepare(
        "SELECT number, act, last FROM spool WHERE kind = ? AND key = ? ORDER BY number DESC LIMIT "
        "1");
    if (!last) return tl::unexpected(last.error());
    const auto row = last->bind(static_cast<int>(change.kind), change.key).step();
    if (!row) return tl::unexpected(row.error());
    const bool is_near = *row && static_cast<std::uint64_t>(last->integer(0)) > offered_ &&
                         static_cast<MemoryAct>(last->integer(1)) == MemoryAct::count &&
                         change.value.last - last->integer(2) < kTogether;
    if (!is_near) return false;
    auto done =
        database_.run_with("UPDATE spool SET ham = ham + ?, spam = spam + ? WHERE number = ?",
                           change.value.ham, change.value.spam, last->integer(0));
    if (!done) return tl::unexpected(done.error());
    return true;
}

Result<void> SenderMemory::spool(const SpooledChange& change) {
    const auto is_added = add_to_waiting(change);
    if (!is_added) return tl::unexpected(is_added.error());
    if (*is_added) return {};
    const auto last = number("SELECT MAX(number) FROM spool WHERE number > ?", handed_in_);
    const auto first = number("SELECT MIN(number) FROM spool WHERE number > ?", handed_in_);
    if (!last || !first) return tl::unexpected((last ? first : last).error());
    if (*last - *first >= kMostSpooled)
        return fail("the spool of changes for the shared store is full; is the store there?");
    const auto& value = change.value;
    return database_.run_with(
        "INSERT INTO spool (kind, act, key, ham, spam, first, last) VALUES (?, ?, ?, ?, ?, ?, ?)",
        static_cast<int>(change.kind), static_cast<int>(change.act), change.key, value.ham,
        value.spam, value.first, value.last);
}

Result<SenderMemory::Waiting> SenderMemory::waiting(std::uint64_t sent, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    if (auto done = add_kept(); !done) return tl::unexpected(done.error());
    auto rows = database_.prepare(
        "SELECT number, kind, act, key, ham, spam, first, last FROM spool WHERE number > ? ORDER "
        "BY number LIMIT ?");
    if (!rows) return tl::unexpected(rows.error());
    auto changes = changes_of(rows->bind(sent, limit));
    if (!changes) return tl::unexpected(changes.error());
    const auto count = number("SELECT COUNT(*) FROM spool WHERE number > ?", sent);
    const auto last = number("SELECT seq FROM sqlite_sequence WHERE name = 'spool' AND seq > ?", 0);
    if (!count || !last) return tl::unexpected((count ? last : count).error());
    if (!changes->empty()) offered_ = std::max(offered_, changes->back().number);
    return Waiting{std::move(*changes), *count, *last};
}

Result<void> SenderMemory::consume_one(const MemoryEntry& entry, const std::string& own_name) {
    auto row = database_.prepare("SELECT number FROM hosts WHERE name = ?");
    if (!row) return tl::unexpected(row.error());
    const auto is_known = row->bind(entry.host).step();
    if (!is_known) return tl::unexpected(is_known.error());
    auto last = *is_known ? static_cast<std::uint64_t>(row->integer(0)) : 0;
    for (auto change : entry.changes) {
        if (change.number <= last) continue;
        last = change.number;
        // A host whose clock is ahead must not make names immortal on all.
        change.value.last = std::min(change.value.last, entry.time);
        change.value.first = std::min(change.value.first, change.value.last);
        if (auto done = apply(change); !done) return done;
    }
    auto done = database_.run_with("INSERT OR REPLACE INTO hosts (name, number) VALUES (?, ?)",
                                   entry.host, last);
    if (done && entry.host == own_name)
        done = database_.run_with("DELETE FROM spool WHERE number <= ?", last);
    if (done && entry.position % kEntriesBetweenPrunings == 0)
        done = prune_locked(entry.time, kMostNames);
    return done;
}

Result<void> SenderMemory::consume(std::span<const MemoryEntry> entries) {
    const std::lock_guard lock(mutex_);
    const auto name = note(kHost);
    const auto before = note(kPosition);
    if (!name || !before) return tl::unexpected((name ? before : name).error());
    auto position = parse_unsigned(*before).value_or(0);
    SqlTransaction transaction(database_);
    for (const auto& entry : entries) {
        if (entry.position <= position) continue;
        position = entry.position;
        if (!entry.damage.empty()) continue;
        if (auto done = consume_one(entry, *name); !done) return done;
    }
    if (auto done = set_note(kPosition, std::to_string(position)); !done) return done;
    return transaction.commit();
}

Result<MemorySnapshot> SenderMemory::snapshot() {
    const std::lock_guard lock(mutex_);
    const auto position = note(kPosition);
    if (!position) return tl::unexpected(position.error());
    MemorySnapshot out;
    out.position = parse_unsigned(*position).value_or(0);
    auto hosts = database_.prepare("SELECT name, number FROM hosts");
    auto names = database_.prepare("SELECT kind, key, ham, spam, first, last FROM memory");
    if (!hosts || !names) return tl::unexpected((hosts ? names : hosts).error());
    for (;;) {
        const auto row = hosts->step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) break;
        out.hosts[hosts->text(0)] = static_cast<std::uint64_t>(hosts->integer(1));
    }
    for (;;) {
        const auto row = names->step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return out;
        out.names.push_back(
            {static_cast<MemoryKind>(names->integer(0)), names->text(1),
             Remembered{names->real(2), names->real(3), names->integer(4), names->integer(5)}});
    }
}

Result<void> SenderMemory::found(const std::string& epoch) {
    const std::lock_guard lock(mutex_);
    return set_note(kEpoch, epoch);
}

Result<void> SenderMemory::take_names(const MemorySnapshot& snapshot) {
    if (auto done = database_.run("DELETE FROM memory; DELETE FROM hosts"); !done) return done;
    auto insert = database_.prepare(kInsertName);
    auto host = database_.prepare("INSERT INTO hosts (name, number) VALUES (?, ?)");
    if (!insert || !host) return tl::unexpected((insert ? host : insert).error());
    for (const auto& [name, number] : snapshot.hosts)
        if (auto done = host->bind(name, number).run(); !done) return done;
    for (const auto& [kind, key, value] : snapshot.names) {
        insert->bind(static_cast<int>(kind), key, value.ham, value.spam, value.first, value.last);
        if (auto done = insert->run(); !done) return done;
    }
    return {};
}

Result<void> SenderMemory::join(const std::string& epoch, const MemorySnapshot& snapshot) {
    const std::lock_guard lock(mutex_);
    const auto before = note(kEpoch);
    const auto name = note(kHost);
    if (!before || !name) return tl::unexpected((before ? name : before).error());
    const auto own = snapshot.hosts.find(*name);
    SqlTransaction transaction(database_);
    auto done = database_.run_with("DELETE FROM spool WHERE number <= ?",
                                   own == snapshot.hosts.end() ? 0 : own->second);
    if (done && *before != epoch)
        done = database_.run_with(
            "INSERT INTO spool (kind, act, key, ham, spam, first, last) SELECT kind, ?, key, ham, "
            "spam, first, last FROM memory",
            static_cast<int>(MemoryAct::merge));
    if (done) done = take_names(snapshot);
    if (done) done = set_note(kEpoch, epoch);
    if (done) done = set_note(kPosition, std::to_string(snapshot.position));
    if (done) done = transaction.commit();
    if (!done || *before == epoch) return done;
    const auto last = number("SELECT MAX(number) FROM spool WHERE number > ?", 0);
    if (!last) return tl::unexpected(last.error());
    handed_in_ = *last;
    return {};
}

}  // namespace cordon
