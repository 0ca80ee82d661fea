// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/event_spool.h"

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS spool (number INTEGER PRIMARY KEY AUTOINCREMENT, identity TEXT NOT "
    "NULL, spam INTEGER NOT NULL, origin INTEGER NOT NULL, time INTEGER NOT NULL, features BLOB "
    "NOT NULL);"
    "CREATE INDEX IF NOT EXISTS spool_identity ON spool (identity);";
constexpr const char* kSentNote = "spool-sent";

}  // namespace

Result<EventSpool> EventSpool::open(EventLog& log) {
    if (auto done = log.database().run(kSchema); !done) return tl::unexpected(done.error());
    return EventSpool(log);
}

Result<std::uint64_t> EventSpool::number(std::string_view sql, std::uint64_t value) const {
    auto statement = log_->database().prepare(sql);
    if (!statement) return tl::unexpected(statement.error());
    const auto row = statement->bind(value).step();
    if (!row) return tl::unexpected(row.error());
    return *row ? static_cast<std::uint64_t>(statement->integer(0)) : 0;
}

Result<LearnOutcome> EventSpool::append(const LearnEvent& event) {
    if (const auto features = decode_features(event.features); !features)
        return tl::unexpected(features.error());
    auto outcome = log_->outcome_of(event);
    if (!outcome) return outcome;
    // What still waits here is newer than what the log has.
    const auto sent = this->sent();
    if (!sent) return tl::unexpected(sent.error());
    auto waiting = log_->database().prepare(
        "SELECT spam FROM spool WHERE identity = ? AND number > ? ORDER BY number DESC LIMIT 1");
    if (!waiting) return tl::unexpected(waiting.error());
    const auto row = waiting->bind(event.identity, *sent).step();
    if (!row) return tl::unexpected(row.error());
    if (*row) {
        const bool is_same = (waiting->integer(0) != 0) == event.is_spam;
        outcome = is_same ? LearnOutcome::known : LearnOutcome::corrected;
        if (!is_same && event.origin == LabelOrigin::automatic) outcome = LearnOutcome::overruled;
    }
    if (*outcome == LearnOutcome::known || *outcome == LearnOutcome::overruled) return outcome;
    const auto count = count_after(0);
    if (!count) return tl::unexpected(count.error());
    if (*count >= static_cast<std::uint64_t>(kMostEvents))
        return fail("the spool of events for the shared store is full; is the store there?");
    auto done = log_->database().run_with(
        "INSERT INTO spool (identity, spam, origin, time, features) VALUES (?, ?, ?, ?, ?)",
        event.identity, event.is_spam, static_cast<int>(event.origin), event.time, event.features);
    if (!done) return tl::unexpected(done.error());
    return outcome;
}

Result<std::vector<SpooledEvent>> EventSpool::after(std::uint64_t number, std::size_t limit) const {
    auto rows = log_->database().prepare(
        "SELECT number, identity, spam, origin, time, features FROM spool WHERE number > ? ORDER "
        "BY number LIMIT ?");
    if (!rows) return tl::unexpected(rows.error());
    rows->bind(number, limit);
    std::vector<SpooledEvent> out;
    for (;;) {
        const auto row = rows->step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return out;
        SpooledEvent one;
        one.number = static_cast<std::uint64_t>(rows->integer(0));
        one.event = {rows->text(1), rows->integer(2) != 0,
                     static_cast<LabelOrigin>(rows->integer(3)), rows->text(5), rows->integer(4)};
        out.push_back(std::move(one));
    }
}

/// Nothing is taken out of the middle, so that counting needs no look at each.
Result<std::uint64_t> EventSpool::count_after(std::uint64_t before) const {
    const auto last = number("SELECT MAX(number) FROM spool WHERE number > ?", before);
    const auto first = number("SELECT MIN(number) FROM spool WHERE number > ?", before);
    if (!last || !first) return last ? first : last;
    return *last == 0 ? 0 : *last - *first + 1;
}

Result<std::uint64_t> EventSpool::last_number() const {
    return number("SELECT seq FROM sqlite_sequence WHERE name = 'spool' AND seq > ?", 0);
}

Result<std::uint64_t> EventSpool::sent() const {
    const auto note = log_->note(kSentNote);
    if (!note) return tl::unexpected(note.error());
    return parse_unsigned(*note).value_or(0);
}

Result<void> EventSpool::set_sent(std::uint64_t number) {
    return log_->set_note(kSentNote, std::to_string(number));
}

Result<void> EventSpool::prune(std::uint64_t sent, std::int64_t before) {
    return log_->database().run_with("DELETE FROM spool WHERE number <= ? AND time < ?", sent,
                                     before);
}

Result<void> EventSpool::take_all_of_log() {
    return log_->database().run(
        "INSERT INTO spool (identity, spam, origin, time, features) SELECT e.identity, e.spam, "
        "e.origin, e.time, e.features FROM events e JOIN labels l ON l.identity = e.identity AND "
        "l.number = e.number ORDER BY e.number");
}

}  // namespace cordon
