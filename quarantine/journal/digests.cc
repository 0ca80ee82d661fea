// SPDX-License-Identifier: GPL-2.0-only
// The journal's part in digests.
#include "quarantine/journal/journal.h"

namespace cordon {

namespace {

// States of items and recipients for which a release still makes sense.
constexpr std::string_view kHeld = "i.state IN (0, 5) AND r.state IN (0, 3) AND r.is_added = 0";

}  // namespace

Result<std::vector<std::string>> Journal::held_paths(std::int64_t after, std::int64_t until) {
    const std::lock_guard lock(mutex_);
    auto rows = database_.prepare(
        "SELECT DISTINCT r.path FROM items i JOIN recipients r ON r.id = i.id "
        "WHERE i.received_at > ? AND i.received_at <= ? AND " +
        std::string(kHeld) + " ORDER BY r.path");
    if (!rows) return tl::unexpected(rows.error());
    std::vector<std::string> out;
    for (rows->bind(after, until);;) {
        const auto next = rows->step();
        if (!next) return tl::unexpected(next.error());
        if (!*next) return out;
        out.push_back(rows->text(0));
    }
}

Result<std::vector<HeldFor>> Journal::held_for(std::string_view path, std::int64_t after,
                                               std::int64_t until) {
    const std::lock_guard lock(mutex_);
    auto rows = database_.prepare(
        "SELECT i.id, r.number, r.path, i.received_at, i.mail_from, i.header_from, i.subject, "
        "i.score, i.reason, i.virus FROM items i JOIN recipients r ON r.id = i.id "
        "WHERE i.received_at > ? AND i.received_at <= ? AND r.path = ? AND " +
        std::string(kHeld) + " ORDER BY i.received_at, i.id");
    if (!rows) return tl::unexpected(rows.error());
    std::vector<HeldFor> out;
    for (rows->bind(after, until, path);;) {
        const auto next = rows->step();
        if (!next) return tl::unexpected(next.error());
        if (!*next) return out;
        out.push_back({rows->text(0), static_cast<std::uint32_t>(rows->integer(1)), rows->text(2),
                       rows->integer(3), rows->text(4), rows->text(5), rows->text(6), rows->text(7),
                       rows->text(8), rows->text(9)});
    }
}

Result<DigestState> Journal::digest_state(std::string_view address) {
    const std::lock_guard lock(mutex_);
    auto row = database_.prepare(
        "SELECT sent_at, listed_until, not_before FROM digests WHERE address = ?");
    if (!row) return tl::unexpected(row.error());
    const auto found = row->bind(address).step();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return DigestState{};
    return DigestState{row->integer(0), row->integer(1), row->integer(2)};
}

Result<void> Journal::set_digest_state(std::string_view address, const DigestState& state) {
    return change<void>([&] {
        return database_.run_with(
            "INSERT OR REPLACE INTO digests(address, sent_at, listed_until, not_before) "
            "VALUES(?, ?, ?, ?)",
            address, state.sent_at, state.listed_until, state.not_before);
    });
}

}  // namespace cordon
