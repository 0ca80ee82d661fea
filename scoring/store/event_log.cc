// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/event_log.h"

#include <fmt/format.h>

namespace cordon {

namespace {

constexpr int kEventLogVersion = 1;
constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY AUTOINCREMENT, identity TEXT "
    "NOT NULL, spam INTEGER NOT NULL, origin INTEGER NOT NULL, correction INTEGER NOT NULL, time "
    "INTEGER NOT NULL, features BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS labels (identity TEXT PRIMARY KEY, spam INTEGER NOT NULL, origin "
    "INTEGER NOT NULL, number INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS labels_number ON labels (number);"
    "CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;";

constexpr std::string_view kColumns = "e.number, e.spam, e.origin, e.correction, e.features";

Result<std::uint64_t> one_number(SqlDatabase& database, std::string_view sql) {
    auto statement = database.prepare(sql);
    if (!statement) return tl::unexpected(statement.error());
    const auto row = statement->step();
    if (!row) return tl::unexpected(row.error());
    return *row ? static_cast<std::uint64_t>(statement->integer(0)) : 0;
}

}  // namespace

Result<EventLog> EventLog::open(const std::string& path) {
    auto database = SqlDatabase::open(path);
    if (!database) return tl::unexpected(database.error());
    auto owned = std::make_unique<SqlDatabase>(std::move(*database));
    if (auto done = owned->adopt(kEventLogVersion, kSchema); !done)
        return tl::unexpected(done.error());
    EventLog out(std::move(owned));
    if (const auto last = out.last_number(); !last) return tl::unexpected(last.error());
    return out;
}

Result<LearnOutcome> EventLog::outcome_of(const LearnEvent& event) const {
    auto known = database_->prepare("SELECT spam, origin FROM labels WHERE identity = ?");
    if (!known) return tl::unexpected(known.error());
    const auto row = known->bind(event.identity).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return LearnOutcome::learned;
    if ((known->integer(0) != 0) == event.is_spam) return LearnOutcome::known;
    const bool was_person = known->integer(1) == static_cast<std::int64_t>(LabelOrigin::person);
    return was_person && event.origin == LabelOrigin::automatic ? LearnOutcome::overruled
                                                                : LearnOutcome::corrected;
}

Result<LearnOutcome> EventLog::append(const LearnEvent& event, std::uint64_t number) {
    if (const auto features = decode_features(event.features); !features)
        return tl::unexpected(features.error());
    const auto outcome = outcome_of(event);
    if (!outcome) return outcome;
    if (*outcome == LearnOutcome::known || *outcome == LearnOutcome::overruled) return outcome;
    // NULL: the next number.
    auto done = database_->run_with(
        "INSERT INTO events (number, identity, spam, origin, correction, time, features) VALUES "
        "(NULLIF(?, 0), ?, ?, ?, ?, ?, ?)",
        number, event.identity, event.is_spam, static_cast<int>(event.origin),
        *outcome == LearnOutcome::corrected, event.time, event.features);
    if (done)
        done = database_->run_with(
            "INSERT OR REPLACE INTO labels (identity, spam, origin, number) VALUES (?, ?, ?, ?)",
            event.identity, event.is_spam, static_cast<int>(event.origin),
            database_->last_row_id());
    if (!done) return tl::unexpected(done.error());
    return outcome;
}

Result<void> EventLog::clear() {
    return database_->run("DELETE FROM events; DELETE FROM labels");
}

Result<void> EventLog::prune() {
    const auto last = last_number();
    if (!last) return tl::unexpected(last.error());
    const auto number = static_cast<std::int64_t>(*last);
    auto done = database_->run_with("DELETE FROM events WHERE number <= ?", number - kMostEvents);
    if (!done) return done;
    return database_->run_with("DELETE FROM labels WHERE number <= ?", number - kMostLabels);
}

Result<void> EventLog::visit(SqlStatement& rows, const Use& use) const {
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return {};
        LabelledFeatures event;
        auto features = decode_features(rows.text(4));
        if (!features) continue;  // of another version: it can't be learned any more
        event.features = std::move(*features);
        event.is_spam = rows.integer(1) != 0;
        event.origin = static_cast<LabelOrigin>(rows.integer(2));
        event.is_correction = rows.integer(3) != 0;
        use(static_cast<std::uint64_t>(rows.integer(0)), event);
    }
}

Result<void> EventLog::for_each(std::uint64_t after, std::uint64_t until, const Use& use) const {
    auto rows = database_->prepare(fmt::format(
        "SELECT {} FROM events e WHERE e.number > ? AND e.number <= ? ORDER BY e.number",
        kColumns));
    if (!rows) return tl::unexpected(rows.error());
    rows->bind(after, until);
    return visit(*rows, use);
}

Result<void> EventLog::for_each_last(std::uint64_t until, std::size_t count, const Use& use) const {
    auto rows = database_->prepare(fmt::format(
        "SELECT * FROM (SELECT {0} FROM events e WHERE e.number <= ?1 AND e.spam = 0 ORDER BY "
        "e.number DESC LIMIT ?2) UNION ALL SELECT * FROM (SELECT {0} FROM events e WHERE e.number "
        "<= ?1 AND e.spam = 1 ORDER BY e.number DESC LIMIT ?2) ORDER BY 1",
        kColumns));
    if (!rows) return tl::unexpected(rows.error());
    rows->bind(until, count);
    return visit(*rows, use);
}

Result<void> EventLog::for_each_current(const Use& use) const {
    auto rows = database_->prepare(fmt::format(
        "SELECT {} FROM events e JOIN labels l ON l.identity = e.identity AND l.number = e.number "
        "ORDER BY e.number",
        kColumns));
    if (!rows) return tl::unexpected(rows.error());
    return visit(*rows, [&use](std::uint64_t number, LabelledFeatures event) {
        event.is_correction = false;
        use(number, event);
    });
}

Result<std::uint64_t> EventLog::last_number() const {
    return one_number(*database_, "SELECT seq FROM sqlite_sequence WHERE name = 'events'");
}

Result<void> EventLog::continue_after(std::uint64_t number) {
    const auto last = last_number();
    if (!last) return tl::unexpected(last.error());
    if (*last >= number) return {};
    if (auto done = database_->run("DELETE FROM sqlite_sequence WHERE name = 'events'"); !done)
        return done;
    return database_->run_with("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)",
                               number);
}

Result<std::string> EventLog::note(const std::string& key) const {
    auto statement = database_->prepare("SELECT value FROM notes WHERE key = ?");
    if (!statement) return tl::unexpected(statement.error());
    const auto row = statement->bind(key).step();
    if (!row) return tl::unexpected(row.error());
    return *row ? statement->text(0) : std::string();
}

Result<void> EventLog::set_note(const std::string& key, const std::string& value) {
    return database_->run_with("INSERT OR REPLACE INTO notes (key, value) VALUES (?, ?)", key,
                               value);
}

}  // namespace cordon
