// SPDX-License-Identifier: GPL-2.0-only
// Orders: what people want done with an item, and how a release fares recipient by recipient.
#include <fmt/format.h>

#include <algorithm>

#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "quarantine/journal/journal.h"

namespace cordon {

namespace {

/// How long the engine may take for one attempt before it counts as lost: the longest message over
/// a slow line, each step with its own deadline.
constexpr std::int64_t kAttemptSeconds = 3600;
constexpr std::size_t kMaxReply = 1000;

bool is_same(std::string_view a, std::string_view b) {
    return a == b || is_same_mailbox(without_brackets(a), without_brackets(b));
}

bool is_wanted(const ReleaseOrder& order, const RecipientStatus& recipient) {
    return order.recipients.empty() ||
           std::any_of(order.recipients.begin(), order.recipients.end(),
                       [&](const auto& wanted) { return is_same(wanted, recipient.path); });
}

Result<void> check_recipients(const ReleaseOrder& order, const JournalItem& item) {
    for (const auto& wanted : order.recipients)
        if (std::none_of(item.recipients.begin(), item.recipients.end(),
                         [&](const auto& r) { return is_same(wanted, r.path); }))
            return fail(fmt::format("{} is not held for {}", order.id, printable(wanted, 300)));
    return {};
}

std::string order_detail(const ReleaseOrder& order) {
    std::string out;
    for (const auto& recipient : order.recipients)
        out += fmt::format("{}for {}", out.empty() ? "" : ", ", without_brackets(recipient));
    if (!order.to.empty()) out = "to " + order.to;
    if (order.allow_virus) out += " (virus allowed)";
    if (!order.allow_note.empty()) out += fmt::format(" ({})", order.allow_note);
    return out;
}

}  // namespace

/// Gives the recipients that the order is for to it; 0 changed rows when all of them were sent.
Result<void> Journal::claim_locked(const ReleaseOrder& order, const JournalItem& item,
                                   std::uint64_t sequence, std::int64_t now) {
    constexpr auto kSending = static_cast<int>(RecipientState::sending);
    if (!order.to.empty())
        return database_.run_with(
            "INSERT INTO recipients(id, number, path, state, is_added, changed_at, release) "
            "SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, 1, ?4, ?5 FROM recipients "
            "WHERE id = ?1",
            order.id, "<" + order.to + ">", kSending, now, sequence);
    for (const auto& recipient : item.recipients) {
        if (recipient.is_added || recipient.state == RecipientState::sent ||
            recipient.state == RecipientState::sending || !is_wanted(order, recipient))
            continue;
        auto done = database_.run_with(
            "UPDATE recipients SET state = ?, changed_at = ?, release = ?, reply = '' "
            "WHERE id = ? AND path = ? AND is_added = 0 AND state <> ?",
            kSending, now, sequence, order.id, recipient.path,
            static_cast<int>(RecipientState::sent));
        if (!done) return done;
    }
    return {};
}

Result<ItemChange> Journal::order_locked(const ReleaseOrder& order, const JournalItem& item,
                                         std::int64_t now) {
    auto done = database_.run_with(
        "INSERT INTO orders(id, who, at, is_redirect, allow_virus, due) VALUES(?,?,?,?,?,?)",
        order.id, printable(order.who, 200), now, order.to.empty() ? 0 : 1,
        order.allow_virus ? 1 : 0, now);
    if (!done) return tl::unexpected(done.error());
    ItemChange out{static_cast<std::uint64_t>(database_.last_row_id()), ItemState::sending, true};
    if (done = claim_locked(order, item, out.order, now); !done)
        return tl::unexpected(done.error());
    auto claimed =
        database_.prepare("SELECT count(*) FROM recipients WHERE id = ? AND release = ?");
    if (!claimed) return tl::unexpected(claimed.error());
    if (auto row = claimed->bind(order.id, out.order).step(); !row)
        return tl::unexpected(row.error());
    if (claimed->integer(0) == 0) {
        done = database_.run_with("DELETE FROM orders WHERE sequence = ?", out.order);
        if (!done) return tl::unexpected(done.error());
        return ItemChange{0, item.status.state};
    }
    done = database_.run_with("UPDATE items SET note = '' WHERE id = ?", order.id);
    if (done) done = touch_locked(order.id, ItemState::sending, now);
    if (done) done = event_locked({now, order.id, order.who, "release", order_detail(order)});
    if (!done) return tl::unexpected(done.error());
    return out;
}

Result<ItemChange> Journal::release(const ReleaseOrder& order, std::int64_t now) {
    if (!order.to.empty() && !is_mailbox(order.to))
        return fail(fmt::format("'{}' is not an address", printable(order.to, 100)));
    return change<ItemChange>([&]() -> Result<ItemChange> {
        const auto item = find_locked(order.id);
        if (!item) return tl::unexpected(item.error());
        if (auto good = check_recipients(order, *item); !good) return tl::unexpected(good.error());
        // A second wish for what waits for its next attempt: now, and with what it allows.
        auto done = database_.run_with(
            "UPDATE orders SET due = ?1, allow_virus = max(allow_virus, ?2) "
            "WHERE id = ?3 AND in_flight = 0",
            now, order.allow_virus ? 1 : 0, order.id);
        if (!done) return tl::unexpected(done.error());
        return order_locked(order, *item, now);
    });
}

Result<ItemChange> Journal::confirm(std::string_view id, std::string_view who, std::int64_t now) {
    return change<ItemChange>([&]() -> Result<ItemChange> {
        if (auto may = may_remove_locked(id); !may) return tl::unexpected(may.error());
        const auto item = find_locked(id);
        if (!item) return tl::unexpected(item.error());
        if (item->status.state == ItemState::spam) return ItemChange{0, ItemState::spam};
        auto done = database_.run_with("DELETE FROM orders WHERE id = ?", id);
        if (done)
            done = database_.run_with(
                "UPDATE recipients SET state = ?, release = 0 WHERE id = ? AND state = ?",
                static_cast<int>(RecipientState::held), id,
                static_cast<int>(RecipientState::sending));
        if (done) done = touch_locked(id, ItemState::spam, now);
        if (done) done = event_locked({now, std::string(id), std::string(who), "spam", ""});
        if (!done) return tl::unexpected(done.error());
        return ItemChange{0, ItemState::spam, true};
    });
}

Result<ReleaseJob> Journal::job_locked(SqlStatement& row, std::int64_t now) {
    ReleaseJob out;
    out.order = static_cast<std::uint64_t>(row.integer(0));
    out.id = row.text(1);
    out.who = row.text(2);
    out.ordered_at = row.integer(3);
    out.is_redirect = row.integer(4) != 0;
    out.allow_virus = row.integer(5) != 0;
    out.attempt = static_cast<std::uint32_t>(row.integer(6)) + 1;
    auto done = database_.run_with(
        "UPDATE orders SET attempts = ?, due = ?, in_flight = 1 WHERE sequence = ?", out.attempt,
        now + kAttemptSeconds, out.order);
    if (!done) return tl::unexpected(done.error());
    auto rows = database_.prepare(
        "SELECT path FROM recipients WHERE id = ? AND release = ? AND state = ? ORDER BY number");
    if (!rows) return tl::unexpected(rows.error());
    rows->bind(out.id, out.order, static_cast<int>(RecipientState::sending));
    for (;;) {
        const auto next = rows->step();
        if (!next) return tl::unexpected(next.error());
        if (!*next) break;
        out.recipients.push_back(rows->text(0));
    }
    auto nonce = nonce_locked("release", out.id, out.order, now);
    if (!nonce) return tl::unexpected(nonce.error());
    out.nonce = std::move(*nonce);
    return out;
}

Result<TakenOrder> Journal::take_order(std::int64_t now) {
    return change<TakenOrder>([&]() -> Result<TakenOrder> {
        TakenOrder out;
        auto row = database_.prepare(
            "SELECT sequence, id, who, at, is_redirect, allow_virus, attempts, due FROM orders "
            "ORDER BY due, sequence LIMIT 1");
        if (!row) return tl::unexpected(row.error());
        const auto found = row->step();
        if (!found) return tl::unexpected(found.error());
        if (!*found) return out;
        out.next_due = row->integer(7);
        if (out.next_due > now) return out;
        auto job = job_locked(*row, now);
        if (!job) return tl::unexpected(job.error());
        out.job = std::move(*job);
        return out;
    });
}

Result<void> Journal::outcome_locked(const ReleaseResult& result, const RecipientOutcome& outcome,
                                     std::int64_t now) {
    const bool is_open = outcome.state == RecipientState::sending;
    auto done = database_.run_with(
        "UPDATE recipients SET state = ?, reply = ?, changed_at = ? "
        "WHERE id = ? AND path = ? AND release = ?",
        static_cast<int>(outcome.state), printable(outcome.reply, kMaxReply), now, result.id,
        outcome.path, result.order);
    if (!done) return done;
    return event_locked({now, result.id, "cordon",
                         is_open ? "deferred" : std::string(to_text(outcome.state)),
                         fmt::format("{}: {}", outcome.path, outcome.reply)});
}

/// The state of an item by those of its recipients, once an order is finished.
Result<ItemState> Journal::settle_locked(std::string_view id, std::int64_t now) {
    const auto item = find_locked(id);
    if (!item) return tl::unexpected(item.error());
    const auto has = [&](RecipientState state) {
        return std::any_of(item->recipients.begin(), item->recipients.end(),
                           [state](const auto& r) { return r.state == state; });
    };
    const ItemState state = has(RecipientState::sending)  ? ItemState::sending
                            : has(RecipientState::failed) ? ItemState::failed
                            : has(RecipientState::held)   ? ItemState::held
                                                          : ItemState::sent;
    if (auto done = touch_locked(id, state, now); !done) return tl::unexpected(done.error());
    return state;
}

Result<ItemChange> Journal::record_locked(const ReleaseResult& result, std::int64_t now) {
    ItemChange out{result.order};
    auto nonces = database_.run_with("DELETE FROM nonces WHERE release = ?", result.order);
    if (!nonces) return tl::unexpected(nonces.error());
    const bool is_unused = database_.changed_rows() > 0;
    for (const auto& outcome : result.outcomes) {
        out.was_unfiltered |= is_unused && outcome.state == RecipientState::sent;
        if (auto done = outcome_locked(result, outcome, now); !done)
            return tl::unexpected(done.error());
    }
    auto open = database_.prepare(
        "SELECT count(*) FROM recipients WHERE id = ? AND release = ? AND state = ?");
    if (!open) return tl::unexpected(open.error());
    open->bind(result.id, result.order, static_cast<int>(RecipientState::sending));
    if (auto row = open->step(); !row) return tl::unexpected(row.error());
    out.is_finished = open->integer(0) == 0;
    auto done =
        out.is_finished
            ? database_.run_with("DELETE FROM orders WHERE sequence = ?", result.order)
            : database_.run_with("UPDATE orders SET due = ?, in_flight = 0 WHERE sequence = ?",
                                 now + result.retry_in, result.order);
    if (done)
        done = database_.run_with("UPDATE items SET note = ? WHERE id = ?",
                                  printable(result.note, 2000), result.id);
    if (!done) return tl::unexpected(done.error());
    const auto state = settle_locked(result.id, now);
    if (!state) return tl::unexpected(state.error());
    out.state = *state;
    out.has_changed = true;
    return out;
}

Result<ItemChange> Journal::record(const ReleaseResult& result, std::int64_t now) {
    return change<ItemChange>([&]() -> Result<ItemChange> {
        auto known = database_.prepare("SELECT who FROM orders WHERE sequence = ? AND id = ?");
        if (!known) return tl::unexpected(known.error());
        const auto row = known->bind(result.order, result.id).step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return fail(fmt::format("no release {} of '{}'", result.order, result.id));
        const std::string who = known->text(0);
        known = fail("");
        auto out = record_locked(result, now);
        if (out) out->who = who;
        return out;
    });
}

Result<void> Journal::resume(std::int64_t now) {
    return change<void>([&] {
        return database_.run_with("UPDATE orders SET due = ?, in_flight = 0 WHERE in_flight = 1",
                                  now);
    });
}

Result<void> Journal::may_remove(std::string_view id) {
    const std::lock_guard lock(mutex_);
    return may_remove_locked(id);
}

Result<void> Journal::may_remove_locked(std::string_view id) {
    auto row = database_.prepare("SELECT 1 FROM orders WHERE id = ? AND in_flight = 1");
    if (!row) return tl::unexpected(row.error());
    const auto found = row->bind(id).step();
    if (!found) return tl::unexpected(found.error());
    if (*found)
        return fail(fmt::format("{} is being released: wait for its end", printable(id, 80)));
    return {};
}

}  // namespace cordon
