// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/history_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "conf/base/text.h"

namespace cordon {

namespace {

// `search` holds one line for each address and id, its kind first: what a query looks for is found
// without decoding records. `hits` is ",RULE:ORIGIN:SCORE,…" with numbers of rules, so that a rule
// is found by ",RULE:". Free pages can be given back to the file system.
constexpr const char* kSchema = R"sql(
CREATE TABLE rules(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE verdicts(
  number INTEGER PRIMARY KEY, id TEXT NOT NULL, time INTEGER NOT NULL, search TEXT NOT NULL,
  hits TEXT NOT NULL, feedback INTEGER NOT NULL DEFAULT 0, record BLOB NOT NULL);
CREATE UNIQUE INDEX verdicts_by_id ON verdicts(id);
CREATE INDEX verdicts_by_time ON verdicts(time);
)sql";

// The last two lines of `search`: what the MTA and the sender call a message. Only the beginnings
// are in the index, which would else be a third of the file.
constexpr const char* kIndexes = R"sql(
CREATE INDEX IF NOT EXISTS verdicts_by_queue_id ON verdicts(
  substr(search, instr(search, char(10) || 'q'), 18));
CREATE INDEX IF NOT EXISTS verdicts_by_message_id ON verdicts(
  substr(search, instr(search, char(10) || 'm'), 26));
)sql";

constexpr std::uint32_t kMaxPage = 5000;
constexpr std::int64_t kChunk = 20'000;    // rows looked at between two looks at the clock
constexpr std::int64_t kForgotten = 2000;  // rows forgotten at a time
constexpr std::uint64_t kFeedbacks = 3;

void add_line(std::string& out, char kind, std::string_view text) {
    out += '\n';
    out += kind;
    for (const char c : text) out += c == '\n' ? ' ' : ascii_lower(c);
}

std::string search_text(const HistoryRecord& record) {
    std::string out;
    add_line(out, 'f', record.mail_from);
    if (record.author != record.mail_from) add_line(out, 'a', record.author);
    for (const auto& decision : record.decisions) add_line(out, 't', decision.recipient);
    add_line(out, 'q', record.queue_id);
    add_line(out, 'm', record.message_id);
    return out + '\n';
}

/// What scan() leaves to SQLite: the time and the rule.
bool fits(const HistoryQuery& query, const HistoryEntry& entry) {
    const auto at = entry.record.received_at;
    if (at < query.received_from || (query.received_before > 0 && at >= query.received_before))
        return false;
    const auto& hits = entry.record.hits;
    return query.rule.empty() || std::any_of(hits.begin(), hits.end(), [&](const auto& hit) {
               return hit.rule == query.rule;
           });
}

/// Whether a line of one of these kinds holds the text (is it, when `whole`).
bool has_line(std::string_view lines, std::string_view kinds, std::string_view text, bool whole) {
    for (const auto line : split(lines, '\n')) {
        if (line.empty() || kinds.find(line.front()) == std::string_view::npos) continue;
        const auto value = line.substr(1);
        if (whole ? value == text : value.find(text) != std::string_view::npos) return true;
    }
    return false;
}

bool matches(const HistoryQuery& query, std::string_view lines) {
    const auto holds = [&](const std::string& text, std::string_view kinds, bool whole = false) {
        return text.empty() || has_line(lines, kinds, lower(text), whole);
    };
    return holds(query.id, "qm", true) && holds(query.sender, "fa") &&
           holds(query.recipient, "t") && holds(query.address, "fat");
}

}  // namespace

std::string_view to_text(Feedback feedback) {
    switch (feedback) {
        case Feedback::none: return "";
        case Feedback::released: return "released";
        case Feedback::confirmed: return "confirmed";
    }
    return "";
}

Result<std::unique_ptr<HistoryStore>> HistoryStore::open(const std::string& path) {
    auto database = SqlDatabase::open(path);
    if (!database) return tl::unexpected(database.error());
    // Has its effect only on a file that has no tables yet.
    if (auto done = database->run("PRAGMA auto_vacuum=INCREMENTAL"); !done)
        return tl::unexpected(done.error());
    if (auto done = database->adopt(kHistoryVersion, kSchema); !done)
        return tl::unexpected(done.error());
    if (auto done = database->run(kIndexes); !done) return tl::unexpected(done.error());
    // Losing the last second in a power failure is no harm; waiting for the disk would be.
    if (auto done = database->set_durable(false); !done) return tl::unexpected(done.error());
    std::unique_ptr<HistoryStore> out(new HistoryStore(std::move(*database)));
    if (auto done = out->read_rules(); !done) return tl::unexpected(done.error());
    return out;
}

Result<void> HistoryStore::read_rules() {
    auto rows = database_.prepare("SELECT number, name FROM rules WHERE number > ?");
    if (!rows) return tl::unexpected(rows.error());
    rows->bind(names_.empty() ? 0 : names_.rbegin()->first);
    for (;;) {
        const auto row = rows->step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return {};
        names_.emplace(rows->integer(0), rows->text(1));
        numbers_.emplace(rows->text(1), rows->integer(0));
    }
}

Result<std::int64_t> HistoryStore::rule_number(const std::string& name) {
    if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
    if (auto done = database_.run_with("INSERT INTO rules(name) VALUES(?)", name); !done)
        return tl::unexpected(done.error());
    const auto number = database_.last_row_id();
    numbers_.emplace(name, number);
    names_.emplace(number, name);
    return number;
}

Result<void> HistoryStore::add(const std::vector<HistoryRecord>& records) {
    SqlTransaction transaction(database_);
    auto insert = database_.prepare(
        "INSERT OR IGNORE INTO verdicts(id, time, search, hits, record) VALUES(?, ?, ?, ?, ?)");
    if (!insert) return tl::unexpected(insert.error());
    for (const auto& record : records) {
        std::string hits;
        for (const auto& hit : record.hits) {
            const auto number = rule_number(hit.rule);
            if (!number) {
                // What the failed transaction takes back must not be remembered.
                numbers_.clear();
                names_.clear();
                return tl::unexpected(number.error());
            }
            hits += fmt::format(",{}:{}:{}", *number, static_cast<int>(hit.origin), hit.score);
        }
        auto rest = record;
        rest.hits.clear();
        auto done =
            insert->bind(record.id, record.received_at, search_text(record), hits, encode(rest))
                .run();
        if (!done) return done;
    }
    return transaction.commit();
}

Result<void> HistoryStore::mark(const std::string& id, Feedback feedback) {
    return database_.run_with("UPDATE verdicts SET feedback = ? WHERE id = ?",
                              static_cast<int>(feedback), id);
}

Result<std::int64_t> HistoryStore::number(std::string_view sql, std::int64_t value) {
    auto statement = database_.prepare(sql);
    if (!statement) return tl::unexpected(statement.error());
    if (sql.find('?') != std::string_view::npos) statement->bind(value);
    const auto row = statement->step();
    if (!row) return tl::unexpected(row.error());
    return *row ? statement->integer(0) : 0;
}

Result<void> HistoryStore::forget_before(std::int64_t time) {
    for (;;) {
        auto done = database_.run_with(
            "DELETE FROM verdicts WHERE number IN (SELECT number FROM verdicts WHERE time < ? "
            "ORDER BY time LIMIT ?)",
            time, kForgotten);
        if (!done) return done;
        if (database_.changed_rows() < kForgotten) break;
    }
    return database_.run("PRAGMA incremental_vacuum");
}

Result<void> HistoryStore::keep_below(std::uint64_t bytes) {
    for (;;) {
        const auto used = figures();
        if (!used) return tl::unexpected(used.error());
        if (used->bytes <= bytes) return database_.run("PRAGMA incremental_vacuum");
        auto done = database_.run_with(
            "DELETE FROM verdicts WHERE number IN (SELECT number FROM verdicts ORDER BY number "
            "LIMIT ?)",
            kForgotten);
        if (!done) return done;
        if (database_.changed_rows() == 0) return {};
    }
}

Result<std::uint64_t> HistoryStore::erase(const std::string& address) {
    // Overwritten, not only unlinked, and not left in the write-ahead log either.
    if (auto done = database_.run("PRAGMA secure_delete=ON"); !done)
        return tl::unexpected(done.error());
    const auto wanted = lower(address);
    std::vector<std::int64_t> found;
    {
        auto rows =
            database_.prepare("SELECT number, search FROM verdicts WHERE instr(search, ?) > 0");
        if (!rows) return tl::unexpected(rows.error());
        rows->bind(wanted);
        for (;;) {
            const auto row = rows->step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            if (has_line(rows->text(1), "fat", wanted, true)) found.push_back(rows->integer(0));
        }
    }
    SqlTransaction transaction(database_);
    for (const auto number : found)
        if (auto done = database_.run_with("DELETE FROM verdicts WHERE number = ?", number); !done)
            return tl::unexpected(done.error());
    auto done = transaction.commit();
    if (done) done = database_.run("PRAGMA secure_delete=OFF; PRAGMA wal_checkpoint(TRUNCATE)");
    if (!done) return tl::unexpected(done.error());
    return found.size();
}

void HistoryStore::take_hits(HistoryRecord& record, std::string_view text) const {
    for (const auto entry : split(text, ',')) {
        const auto parts = split(entry, ':');
        if (parts.size() != 3) continue;
        const auto number = parse_unsigned(parts[0]);
        const auto origin = parse_unsigned(parts[1]);
        std::int32_t score = 0;
        const auto read =
            std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), score);
        const auto name = number ? names_.find(static_cast<std::int64_t>(*number)) : names_.end();
        if (name == names_.end() || !origin || *origin > 3 || read.ec != std::errc()) continue;
        record.hits.push_back({name->second, score, static_cast<HitOrigin>(*origin)});
    }
}

Result<HistoryEntry> HistoryStore::entry_of(const SqlStatement& row) const {
    auto record = decode_history(row.text(4));
    if (!record) return tl::unexpected(record.error());
    HistoryEntry out{
        std::move(*record),
        static_cast<Feedback>(static_cast<std::uint64_t>(row.integer(3)) % kFeedbacks)};
    take_hits(out.record, row.text(2));
    return out;
}

namespace {

/// The most telling text of a query in lower case: SQLite passes over rows without it.
std::string needle_of(const HistoryQuery& query) {
    std::string out;
    for (const auto* const text : {&query.id, &query.sender, &query.recipient, &query.address})
        if (text->size() > out.size()) out = lower(*text);
    return out;
}

}  // namespace

Result<void> HistoryStore::scan(const HistoryQuery& query, Deadline deadline, HistoryPage& page) {
    if (auto done = read_rules(); !done) return done;
    std::string rule_needle;
    if (!query.rule.empty()) {
        const auto known = numbers_.find(query.rule);
        if (known == numbers_.end()) return {};  // it never hit
        rule_needle = fmt::format(",{}:", known->second);
    }
    const auto last = number("SELECT max(number) FROM verdicts");
    if (!last) return tl::unexpected(last.error());
    const auto first =
        number("SELECT min(number) FROM verdicts WHERE time >= ?", query.received_from);
    if (!first) return tl::unexpected(first.error());
    auto rows = database_.prepare(
        "SELECT number, search, hits, feedback, record FROM verdicts WHERE number >= ?1 AND number "
        "< ?2 AND time >= ?3 AND time < ?4 AND (?5 = '' OR instr(search, ?5) > 0) AND (?6 = '' OR "
        "instr(hits, ?6) > 0) ORDER BY number DESC");
    if (!rows) return tl::unexpected(rows.error());
    const auto before = query.received_before == 0 ? std::numeric_limits<std::int64_t>::max()
                                                   : query.received_before;
    const auto needle = needle_of(query);
    const auto limit = std::clamp(query.limit, 1U, kMaxPage);
    auto until = query.before == 0 ? *last + 1 : static_cast<std::int64_t>(query.before);
    if (query.received_before > 0 && query.before == 0) {
        const auto end = number("SELECT max(number) FROM verdicts WHERE time < ?", before);
        if (!end) return tl::unexpected(end.error());
        until = *end + 1;
    }
    while (*first > 0 && until > *first) {
        const auto from = std::max(until - kChunk, *first);
        rows->bind(from, until, query.received_from, before, needle, rule_needle);
        for (;;) {
            const auto row = rows->step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            if (!matches(query, rows->text(1))) continue;
            // One damaged record does not hide the others.
            if (auto entry = entry_of(*rows)) page.entries.push_back(std::move(*entry));
            if (page.entries.size() < limit) continue;
            page.next = static_cast<std::uint64_t>(rows->integer(0));
            return {};
        }
        until = from;
        if (deadline.is_over() && until > *first) {
            page.next = static_cast<std::uint64_t>(until);
            return {};
        }
    }
    return {};
}

/// By our id, that of the queue (another line follows it, so it is a range) or the Message-ID,
/// which need not be the only one.
Result<void> HistoryStore::find_named(const HistoryQuery& query, HistoryPage& page) {
    if (auto done = read_rules(); !done) return done;
    auto rows = database_.prepare(
        "SELECT number, search, hits, feedback, record FROM verdicts WHERE number < ?2 AND number "
        "IN (SELECT number FROM verdicts WHERE id = ?1 UNION "
        "SELECT number FROM verdicts WHERE substr(search, instr(search, char(10) || 'q'), 18) "
        "BETWEEN substr(?3, 1, 18) AND substr(?3, 1, 18) || char(1114111) UNION "
        "SELECT number FROM verdicts WHERE substr(search, instr(search, char(10) || 'm'), 26) "
        "= substr(?4, 1, 26)) ORDER BY number DESC");
    if (!rows) return tl::unexpected(rows.error());
    const auto name = lower(query.id) + '\n';
    const auto until = query.before == 0 ? std::numeric_limits<std::int64_t>::max()
                                         : static_cast<std::int64_t>(query.before);
    rows->bind(query.id, until, "\nq" + name, "\nm" + name);
    const auto limit = std::clamp(query.limit, 1U, kMaxPage);
    for (;;) {
        const auto row = rows->step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return {};
        auto entry = entry_of(*rows);
        if (!entry) continue;
        const bool is_meant =
            entry->record.id == query.id || (matches(query, rows->text(1)) && fits(query, *entry));
        if (!is_meant) continue;
        page.entries.push_back(std::move(*entry));
        if (page.entries.size() < limit) continue;
        page.next = static_cast<std::uint64_t>(rows->integer(0));
        return {};
    }
}

Result<HistoryPage> HistoryStore::find(const HistoryQuery& query, Milliseconds time) {
    HistoryPage out;
    const bool is_named = !query.id.empty();
    const auto done = is_named ? find_named(query, out) : scan(query, Deadline::in(time), out);
    if (!done) return tl::unexpected(done.error());
    return out;
}

Result<HistoryFigures> HistoryStore::figures() {
    HistoryFigures out;
    const auto first = number("SELECT min(number) FROM verdicts");
    const auto last = number("SELECT max(number) FROM verdicts");
    const auto oldest = number("SELECT min(time) FROM verdicts");
    const auto pages = number("PRAGMA page_count");
    const auto free_pages = number("PRAGMA freelist_count");
    const auto page_size = number("PRAGMA page_size");
    for (const auto* const value : {&first, &last, &oldest, &pages, &free_pages, &page_size})
        if (!*value) return tl::unexpected(value->error());
    // Numbers rise without gaps but for what was erased.
    out.records = *last == 0 ? 0 : static_cast<std::uint64_t>(*last - *first + 1);
    out.bytes = static_cast<std::uint64_t>((*pages - *free_pages) * *page_size);
    out.oldest = *oldest;
    return out;
}

}  // namespace cordon
