// SPDX-License-Identifier: GPL-2.0-only
// The journal: what became of each held message, which releases are under way, who did what when.
// SQLite, written by the keeper alone. It can be deleted: the keeper makes it again from the vault
// and the states beside it (vault/state_file.h); the audit is lost, and lessons that still wait. A
// release in flight is committed to disk before the first byte is sent. Times are given by the
// caller.
#pragma once

#include <memory>
#include <mutex>

#include "conf/base/sqlite.h"
#include "quarantine/journal/digest_state.h"
#include "quarantine/journal/item.h"
#include "quarantine/journal/lesson.h"
#include "quarantine/vault/held_message.h"

namespace cordon {

struct JournalItem {
    ItemStatus status;
    std::vector<RecipientStatus> recipients;
};

struct TakenOrder {
    std::optional<ReleaseJob> job;
    std::int64_t next_due = 0;  // of another order when there is no job; 0: none
};

struct ItemChange {
    std::uint64_t order = 0;
    ItemState state = ItemState::held;
    bool has_changed = false;
    bool is_finished = false;     // the release: no recipient of it is left to send to
    bool was_unfiltered = false;  // sent, and nobody took the nonce: not through our milter
    std::string who = {};         // ordered the release that was recorded
};

/// Safe from several threads; one at a time. The lock is held while SQLite writes: that is the
/// order of the journal.
class Journal {
 public:
    /// A file that is no journal is an error; the caller puts it aside.
    static Result<std::unique_ptr<Journal>> open(const std::string& path);

    // Items.
    /// Known ids are left as they are. Not waiting for the disk: the vault has it.
    Result<void> add(const HeldMessage& message, std::string_view what, std::string_view who);
    /// Puts back states that the vault kept; for an item just added.
    Result<void> restore_states(const JournalItem& item);
    /// Not found, or gone: an error.
    Result<JournalItem> find(std::string_view id);
    Result<ItemPage> list(const ItemQuery& query);
    Result<std::vector<StateFigures>> figures();  // but those that are gone
    /// Messages whose release was ordered before that time and is not done, oldest first.
    Result<std::vector<std::string>> ordered_before(std::int64_t time);
    /// All that are not gone.
    Result<std::vector<std::string>> ids();
    /// Not gone and received before `time`, without those in flight.
    Result<std::vector<std::string>> received_before(std::int64_t time);
    Result<void> set_gone(std::string_view id, std::string_view who, std::string_view what,
                          std::string_view detail);
    /// The vault has it no more and nobody said so: unknown from now on, but for its audit. A copy
    /// in the mailbox may bring it back.
    Result<void> set_lost(std::string_view id);
    Result<ItemChange> mark_filed(const FiledPlace& place, std::int64_t now);
    Result<std::vector<ItemEvent>> events(std::string_view id, std::uint32_t limit);
    Result<void> note_event(const ItemEvent& event);
    /// Forgets items that are gone, and events, older than `time`.
    Result<void> forget_before(std::int64_t time);

    // Orders.
    Result<ItemChange> release(const ReleaseOrder& order, std::int64_t now);
    Result<ItemChange> confirm(std::string_view id, std::string_view who, std::int64_t now);
    /// Checks only that nothing is in flight; the caller removes the file, then set_gone().
    Result<void> may_remove(std::string_view id);
    Result<TakenOrder> take_order(std::int64_t now);
    Result<ItemChange> record(const ReleaseResult& result, std::int64_t now);
    /// Orders that were in flight are due at once.
    Result<void> resume(std::int64_t now);

    // Lessons.
    /// True when that is news: it waits to be learned, instead of what waits of the same message.
    Result<bool> note_lesson(std::string_view id, Learned what, std::string_view who,
                             std::int64_t now);
    Result<std::uint64_t> waiting_lessons();  // those tried in vain
    Result<TakenLesson> take_lesson(std::int64_t now);
    /// It is learned, or given up.
    Result<void> end_lesson(const Lesson& lesson, bool is_learned);

    // Nonces. What is kept is their hash.
    Result<std::string> issue_nonce(std::string_view purpose, std::int64_t now);
    struct Taken {
        std::string purpose;
        std::string id;
    };
    Result<Taken> take_nonce(std::string_view nonce, std::string_view mail_from,
                             const std::vector<std::string>& recipients, std::int64_t now);

    // Digests.
    /// Paths of recipients for whom something is held that was received in (after, until].
    Result<std::vector<std::string>> held_paths(std::int64_t after, std::int64_t until);
    /// What that is, the oldest first.
    Result<std::vector<HeldFor>> held_for(std::string_view path, std::int64_t after,
                                          std::int64_t until);
    Result<DigestState> digest_state(std::string_view address);
    Result<void> set_digest_state(std::string_view address, const DigestState& state);

    /// A small value of the keeper's own, empty when it was never set.
    Result<std::string> value(std::string_view name);
    Result<void> set_value(std::string_view name, std::string_view value);

 private:
    explicit Journal(SqlDatabase database) : database_(std::move(database)) {}

    Result<JournalItem> find_locked(std::string_view id);
    Result<void> may_remove_locked(std::string_view id);
    Result<void> event_locked(const ItemEvent& event);
    Result<void> touch_locked(std::string_view id, ItemState state, std::int64_t now);
    Result<ItemChange> order_locked(const ReleaseOrder& order, const JournalItem& item,
                                    std::int64_t now);
    Result<void> claim_locked(const ReleaseOrder& order, const JournalItem& item,
                              std::uint64_t sequence, std::int64_t now);
    Result<ItemState> settle_locked(std::string_view id, std::int64_t now);
    Result<ItemChange> record_locked(const ReleaseResult& result, std::int64_t now);
    Result<void> outcome_locked(const ReleaseResult& result, const RecipientOutcome& outcome,
                                std::int64_t now);
    Result<std::string> nonce_locked(std::string_view purpose, std::string_view id,
                                     std::uint64_t order, std::int64_t now);
    Result<ReleaseJob> job_locked(SqlStatement& order, std::int64_t now);

    /// Runs `work` in a transaction that commits when it succeeds.
    template <typename T, typename Work>
    Result<T> change(Work work) {
        const std::lock_guard lock(mutex_);
        SqlTransaction transaction(database_);
        auto done = work();
        if (!done) return done;
        if (auto committed = transaction.commit(); !committed)
            return tl::unexpected(committed.error());
        return done;
    }

    std::mutex mutex_;
    SqlDatabase database_;
};

}  // namespace cordon
