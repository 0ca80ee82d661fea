// SPDX-License-Identifier: GPL-2.0-only
// Opening, and items.
#include "quarantine/journal/journal.h"

#include <fmt/format.h>

#include "conf/base/clock.h"
#include "conf/base/text.h"
#include "quarantine/journal/schema.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxShort = 400;  // of a text that a list shows

constexpr std::string_view kItemColumns =
    "items.id, state, received_at, changed_at, change, mail_from, header_from, subject, score, "
    "rules, reason, virus, home, size, sha256, note, folder, uid_validity, uid, "
    "(SELECT path FROM recipients r WHERE r.id = items.id ORDER BY number LIMIT 1), "
    "(SELECT count(*) FROM recipients r WHERE r.id = items.id AND is_added = 0)";

std::uint64_t bounded(std::int64_t value, std::size_t count) {
    return static_cast<std::uint64_t>(value) % count;
}

ItemStatus item_of(const SqlStatement& row) {
    ItemStatus out;
    out.id = row.text(0);
    out.state = static_cast<ItemState>(bounded(row.integer(1), kItemStates));
    out.received_at = row.integer(2);
    out.changed_at = row.integer(3);
    out.change = static_cast<std::uint64_t>(row.integer(4));
    int column = 5;
    for (auto* const member : {&out.mail_from, &out.from, &out.subject, &out.score, &out.rules,
                               &out.reason, &out.virus, &out.home})
        *member = row.text(column++);
    out.size = static_cast<std::uint64_t>(row.integer(13));
    out.sha256 = row.text(14);
    out.note = row.text(15);
    out.folder = row.text(16);
    out.uid_validity = static_cast<std::uint32_t>(row.integer(17));
    out.uid = static_cast<std::uint32_t>(row.integer(18));
    out.first_recipient = row.text(19);
    out.recipients = static_cast<std::uint32_t>(row.integer(20));
    return out;
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path) {
    auto database = SqlDatabase::open(path);
    if (!database) return tl::unexpected(database.error());
    if (auto made = database->adopt(kJournalVersion, kJournalSchema); !made)
        return tl::unexpected(made.error());
    if (auto made = database->run(kJournalAdditions); !made) return wrap(path, made.error());
    return std::unique_ptr<Journal>(new Journal(std::move(*database)));
}

Result<void> Journal::touch_locked(std::string_view id, ItemState state, std::int64_t now) {
    if (auto done = database_.run("UPDATE counter SET value = value + 1"); !done) return done;
    return database_.run_with(
        "UPDATE items SET state = ?, changed_at = ?, change = (SELECT value FROM counter) "
        "WHERE id = ?",
        static_cast<int>(state), now, id);
}

Result<void> Journal::event_locked(const ItemEvent& event) {
    return database_.run_with("INSERT INTO events(id, at, who, what, detail) VALUES(?,?,?,?,?)",
                              event.id, event.at, printable_again(event.who, kMaxShort), event.what,
                              printable_again(event.detail, 2000));
}

Result<void> Journal::note_event(const ItemEvent& event) {
    return change<void>([&] { return event_locked(event); });
}

Result<void> Journal::add(const HeldMessage& m, std::string_view what, std::string_view who) {
    const auto insert = [&]() -> Result<void> {
        if (auto done = database_.run("UPDATE counter SET value = value + 1"); !done) return done;
        auto done = database_.run_with(
            "INSERT OR IGNORE INTO items(id, state, received_at, changed_at, change, mail_from, "
            "header_from, subject, score, rules, reason, virus, home, size, sha256) "
            "VALUES(?, 0, ?, ?, (SELECT value FROM counter), ?,?,?,?,?,?,?,?,?,?)",
            m.id, m.received_at, m.received_at, m.mail_from, printable_again(m.from, kMaxShort),
            printable_again(m.subject, kMaxShort), printable_again(m.score, kMaxShort),
            printable_again(m.rules, 4000), printable_again(m.reason, kMaxShort),
            printable_again(m.virus, kMaxShort), printable_again(m.home, kMaxShort), m.size,
            m.sha256);
        if (!done || database_.changed_rows() == 0) return done;
        auto row = database_.prepare(
            "INSERT INTO recipients(id, number, path, state, is_added) VALUES(?, ?, ?, 0, 0)");
        if (!row) return tl::unexpected(row.error());
        int number = 0;
        for (const auto& recipient : m.recipients)
            if (done = row->bind(m.id, number++, recipient.path).run(); !done) return done;
        return event_locked({unix_time(), m.id, std::string(who), std::string(what), m.reason});
    };
    const std::lock_guard lock(mutex_);
    if (auto done = database_.set_durable(false); !done) return done;
    Result<void> done;
    {
        SqlTransaction transaction(database_);
        done = insert();
        if (done) done = transaction.commit();
    }
    const auto restored = database_.set_durable(true);
    return done ? restored : done;
}

Result<void> Journal::restore_states(const JournalItem& item) {
    return change<void>([&]() -> Result<void> {
        const auto& id = item.status.id;
        for (const auto& r : item.recipients) {
            auto done = database_.run_with(
                "UPDATE recipients SET state = ?, reply = ? WHERE id = ? AND path = ?",
                static_cast<int>(r.state), r.reply, id, r.path);
            if (!done) return done;
        }
        auto done =
            database_.run_with("UPDATE items SET note = ? WHERE id = ?", item.status.note, id);
        return done ? touch_locked(id, item.status.state, unix_time()) : done;
    });
}

Result<JournalItem> Journal::find_locked(std::string_view id) {
    auto found = database_.prepare(fmt::format("SELECT {} FROM items WHERE id = ?", kItemColumns));
    if (!found) return tl::unexpected(found.error());
    const auto row = found->bind(id).step();
    if (!row) return tl::unexpected(row.error());
    JournalItem out;
    if (*row) out.status = item_of(*found);
    if (!*row || out.status.state == ItemState::gone)
        return fail(fmt::format("no held message '{}'", printable(id, 80)));
    auto rows = database_.prepare(
        "SELECT path, state, is_added, reply, changed_at FROM recipients WHERE id = ? "
        "ORDER BY number");
    if (!rows) return tl::unexpected(rows.error());
    rows->bind(id);
    for (;;) {
        const auto next = rows->step();
        if (!next) return tl::unexpected(next.error());
        if (!*next) return out;
        out.recipients.push_back(
            {rows->text(0),
             static_cast<RecipientState>(bounded(rows->integer(1), kRecipientStates)),
             rows->integer(2) != 0, rows->text(3), rows->integer(4)});
    }
}

Result<JournalItem> Journal::find(std::string_view id) {
    const std::lock_guard lock(mutex_);
    return find_locked(id);
}

namespace {

constexpr std::uint32_t kMaxPage = 1000;

std::string pattern(const std::string& text) {
    std::string out = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out + "%";
}

std::string states_of(const ItemQuery& query) {
    if (query.states.empty()) return "state <> 6";
    std::string out;
    for (const auto state : query.states)
        out += fmt::format("{}{}", out.empty() ? "" : ",", static_cast<int>(state));
    return fmt::format("state IN ({})", out);
}

struct Cursor {
    std::int64_t received_at = std::numeric_limits<std::int64_t>::min();
    std::string id;
    std::uint64_t change = 0;
};

Cursor cursor_of(const ItemQuery& query) {
    Cursor out;
    out.change = query.changed_after.value_or(0);
    const auto colon = query.after.find(':');
    if (colon == std::string::npos) return out;
    const auto number = parse_unsigned(query.after.substr(0, colon));
    if (!number) return out;
    if (query.changed_after) out.change = *number;
    out.received_at = static_cast<std::int64_t>(*number);
    out.id = query.after.substr(colon + 1);
    return out;
}

}  // namespace

Result<ItemPage> Journal::list(const ItemQuery& query) {
    const auto limit = std::clamp(query.limit, 1U, kMaxPage);
    const Cursor cursor = cursor_of(query);
    // Texts of the query are bound, never part of the statement.
    const std::string sql = fmt::format(
        "SELECT {} FROM items WHERE {} AND received_at >= ?1 AND received_at < ?2 "
        "AND (?3 = '%%' OR mail_from LIKE ?3 ESCAPE '\\' OR header_from LIKE ?3 ESCAPE '\\') "
        "AND (?4 = '%%' OR subject LIKE ?4 ESCAPE '\\') "
        "AND (?5 = '%%' OR EXISTS(SELECT 1 FROM recipients r WHERE r.id = items.id "
        "AND path LIKE ?5 ESCAPE '\\')) AND {} LIMIT ?9",
        kItemColumns, states_of(query),
        query.changed_after ? "change > ?6 AND ?7 = ?7 AND ?8 = ?8 ORDER BY change"
                            : "?6 = ?6 AND (received_at, items.id) > (?7, ?8) "
                              "ORDER BY received_at, items.id");
    const std::lock_guard lock(mutex_);
    auto rows = database_.prepare(sql);
    if (!rows) return tl::unexpected(rows.error());
    rows->bind(query.received_from,
               query.received_before == 0 ? std::numeric_limits<std::int64_t>::max()
                                          : query.received_before,
               pattern(query.sender), pattern(query.subject), pattern(query.recipient),
               cursor.change, cursor.received_at, cursor.id, limit);
    ItemPage out;
    for (;;) {
        const auto next = rows->step();
        if (!next) return tl::unexpected(next.error());
        if (!*next) break;
        out.items.push_back(item_of(*rows));
    }
    if (out.items.size() < limit) return out;
    const auto& last = out.items.back();
    out.next = query.changed_after ? fmt::format("{}:", last.change)
                                   : fmt::format("{}:{}", last.received_at, last.id);
    return out;
}

}  // namespace cordon
