// SPDX-License-Identifier: GPL-2.0-only
// The journal's items over time: places, events, and what is forgotten.
#include <fmt/format.h>

#include <algorithm>

#include "conf/base/clock.h"
#include "quarantine/journal/journal.h"

namespace cordon {

namespace {

Result<std::vector<std::string>> first_column(SqlStatement& rows) {
    std::vector<std::string> out;
    for (;;) {
        const auto next = rows.step();
        if (!next) return tl::unexpected(next.error());
        if (!*next) return out;
        out.push_back(rows.text(0));
    }
}

}  // namespace

Result<std::vector<StateFigures>> Journal::figures() {
    const std::lock_guard lock(mutex_);
    auto rows = database_.prepare(
        "SELECT state, count(*), min(received_at) FROM items WHERE state <> ? GROUP BY state");
    if (!rows) return tl::unexpected(rows.error());
    rows->bind(static_cast<int>(ItemState::gone));
    std::vector<StateFigures> out;
    for (;;) {
        const auto row = rows->step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return out;
        out.push_back(
            {static_cast<ItemState>(static_cast<std::uint64_t>(rows->integer(0)) % kItemStates),
             static_cast<std::uint64_t>(rows->integer(1)), rows->integer(2)});
    }
}

Result<std::vector<std::string>> Journal::ids() {
    const std::lock_guard lock(mutex_);
    auto rows = database_.prepare("SELECT id FROM items WHERE state <> ? ORDER BY id");
    if (!rows) return tl::unexpected(rows.error());
    return first_column(rows->bind(static_cast<int>(ItemState::gone)));
}

Result<std::vector<std::string>> Journal::received_before(std::int64_t time) {
    const std::lock_guard lock(mutex_);
    auto rows = database_.prepare(
        "SELECT id FROM items WHERE received_at < ? AND state NOT IN (?, ?) ORDER BY received_at");
    if (!rows) return tl::unexpected(rows.error());
    return first_column(
        rows->bind(time, static_cast<int>(ItemState::gone), static_cast<int>(ItemState::sending)));
}

Result<void> Journal::set_gone(std::string_view id, std::string_view who, std::string_view what,
                               std::string_view detail) {
    return change<void>([&]() -> Result<void> {
        const auto now = unix_time();
        if (auto done = database_.run_with("DELETE FROM orders WHERE id = ?", id); !done)
            return done;
        if (auto done = touch_locked(id, ItemState::gone, now); !done) return done;
        return event_locked(
            {now, std::string(id), std::string(who), std::string(what), std::string(detail)});
    });
}

Result<void> Journal::set_lost(std::string_view id) {
    return change<void>([&]() -> Result<void> {
        for (const char* const sql :
             {"DELETE FROM orders WHERE id = ?", "DELETE FROM lessons WHERE id = ?",
              "DELETE FROM recipients WHERE id = ?", "DELETE FROM items WHERE id = ?"})
            if (auto done = database_.run_with(sql, id); !done) return done;
        return event_locked(
            {unix_time(), std::string(id), "cordon", "lost", "the vault has no such file"});
    });
}

Result<ItemChange> Journal::mark_filed(const FiledPlace& place, std::int64_t now) {
    return change<ItemChange>([&]() -> Result<ItemChange> {
        const auto item = find_locked(place.id);
        if (!item) return tl::unexpected(item.error());
        auto done = database_.run_with(
            "UPDATE items SET folder = ?, uid_validity = ?, uid = ? WHERE id = ?", place.folder,
            place.uid_validity, place.uid, place.id);
        if (!done) return tl::unexpected(done.error());
        ItemChange out;
        out.state = item->status.state;
        if (out.state != ItemState::sent || !place.folder.ends_with("Released")) return out;
        out.state = ItemState::filed;
        out.has_changed = true;
        if (done = touch_locked(place.id, out.state, now); !done)
            return tl::unexpected(done.error());
        return out;
    });
}

Result<std::vector<std::string>> Journal::ordered_before(std::int64_t time) {
    const std::lock_guard lock(mutex_);
    auto rows =
        database_.prepare("SELECT id FROM orders WHERE at < ? GROUP BY id ORDER BY min(at)");
    if (!rows) return tl::unexpected(rows.error());
    rows->bind(time);
    std::vector<std::string> out;
    for (;;) {
        const auto next = rows->step();
        if (!next) return tl::unexpected(next.error());
        if (!*next) return out;
        out.push_back(rows->text(0));
    }
}

Result<std::vector<ItemEvent>> Journal::events(std::string_view id, std::uint32_t limit) {
    const std::lock_guard lock(mutex_);
    auto rows = database_.prepare(
        "SELECT at, id, who, what, detail FROM events WHERE ?1 = '' OR id = ?1 "
        "ORDER BY sequence DESC LIMIT ?2");
    if (!rows) return tl::unexpected(rows.error());
    rows->bind(id, std::clamp(limit, 1U, 10'000U));
    std::vector<ItemEvent> out;
    for (;;) {
        const auto next = rows->step();
        if (!next) return tl::unexpected(next.error());
        if (!*next) break;
        out.push_back(
            {rows->integer(0), rows->text(1), rows->text(2), rows->text(3), rows->text(4)});
    }
    std::reverse(out.begin(), out.end());
    return out;
}

Result<void> Journal::forget_before(std::int64_t time) {
    return change<void>([&]() -> Result<void> {
        for (const char* const sql :
             {"DELETE FROM recipients WHERE id IN "
              "(SELECT id FROM items WHERE state = 6 AND changed_at < ?)",
              "DELETE FROM items WHERE state = 6 AND changed_at < ?",
              "DELETE FROM events WHERE at < ?", "DELETE FROM digests WHERE sent_at < ?"})
            if (auto done = database_.run_with(sql, time); !done) return done;
        return {};
    });
}

Result<std::string> Journal::value(std::string_view name) {
    const std::lock_guard lock(mutex_);
    auto row = database_.prepare("SELECT value FROM state WHERE name = ?");
    if (!row) return tl::unexpected(row.error());
    const auto found = row->bind(name).step();
    if (!found) return tl::unexpected(found.error());
    return *found ? row->text(0) : std::string();
}

Result<void> Journal::set_value(std::string_view name, std::string_view value) {
    return change<void>([&] {
        return database_.run_with("INSERT OR REPLACE INTO state(name, value) VALUES(?, ?)", name,
                                  value);
    });
}

}  // namespace cordon
