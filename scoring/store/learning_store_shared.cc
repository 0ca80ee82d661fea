// SPDX-License-Identifier: GPL-2.0-only
// The learning store as one of several that follow a shared log: see shared_learning.h.
#include "conf/base/digest.h"
#include "conf/base/log.h"
#include "conf/base/text.h"
#include "scoring/store/learning_store.h"

namespace cordon {

namespace {

constexpr const char* kEpoch = "epoch";
constexpr const char* kPosition = "position";
constexpr const char* kHost = "host";

}  // namespace

Result<void> LearningStore::share() {
    auto spool = EventSpool::open(*log_);
    if (!spool) return tl::unexpected(spool.error());
    spool_ = std::make_unique<EventSpool>(std::move(*spool));
    is_trainer_ = false;
    return {};
}

Result<std::string> LearningStore::host_name(bool anew) {
    auto name = log_->note(kHost);
    if (!name || (!name->empty() && !anew)) return name;
    const auto made = random_hex(8);
    if (auto done = log_->set_note(kHost, made); !done) return tl::unexpected(done.error());
    return made;
}

Result<SpooledBatch> LearningStore::waiting(std::uint64_t sent, std::size_t limit) const {
    auto events = spool_->after(sent, limit);
    if (!events) return tl::unexpected(events.error());
    const auto count = spool_->count_after(sent);
    const auto last = spool_->last_number();
    if (!count || !last) return tl::unexpected((count ? last : count).error());
    return SpooledBatch{std::move(*events), *count, *last};
}

Result<void> LearningStore::note_sent(std::uint64_t sent, std::int64_t before) {
    const auto known = spool_->sent();
    if (!known) return tl::unexpected(known.error());
    if (*known != sent)
        if (auto done = spool_->set_sent(sent); !done) return done;
    return before > 0 ? spool_->prune(sent, before) : Result<void>();
}

Result<std::string> LearningStore::epoch() const {
    return log_->note(kEpoch);
}

Result<std::uint64_t> LearningStore::position() const {
    const auto note = log_->note(kPosition);
    if (!note) return tl::unexpected(note.error());
    return parse_unsigned(*note).value_or(0);
}

Result<void> LearningStore::set_position(std::uint64_t number) {
    return log_->set_note(kPosition, std::to_string(number));
}

/// Who learns by itself again has a log that is no longer the shared one: numbers of both would
/// mean different events.
Result<void> LearningStore::leave_shared_log() {
    if (is_shared() || is_log_own_) return {};
    if (auto done = log_->set_note(kEpoch, ""); !done) return done;
    is_log_own_ = true;
    return {};
}

Result<void> LearningStore::join(const std::string& epoch) {
    SqlTransaction transaction(log_->database());
    auto done = spool_->take_all_of_log();
    if (done) done = log_->clear();
    if (done) done = log_->set_note(kEpoch, epoch);
    if (done) done = set_position(0);
    if (done) done = spool_->set_sent(0);
    return done ? transaction.commit() : done;
}

Result<void> LearningStore::found(const std::string& epoch) {
    const auto last = log_->last_number();
    if (!last) return tl::unexpected(last.error());
    SqlTransaction transaction(log_->database());
    auto done = log_->set_note(kEpoch, epoch);
    if (done) done = set_position(*last);
    if (done) done = spool_->set_sent(0);
    return done ? transaction.commit() : done;
}

Result<void> LearningStore::consume(std::span<const SpooledEvent> events) {
    const auto before = position();
    if (!before) return tl::unexpected(before.error());
    std::uint64_t last = *before;
    SqlTransaction transaction(log_->database());
    for (const auto& [number, event] : events) {
        if (number <= last) continue;
        last = number;
        if (const auto done = log_->append(event, number); !done)
            return tl::unexpected(done.error());
    }
    if (auto done = set_position(last); !done) return done;
    if (auto done = transaction.commit(); !done) return done;
    if (!is_trainer_) {
        prune_sometimes(last);
        return {};
    }
    apply_new();
    live_->applied = last;  // also of events that taught nothing new
    return {};
}

Result<void> LearningStore::set_trainer(bool value) {
    is_trainer_ = value;
    return value ? catch_up(live_->applied) : Result<void>();
}

Result<void> LearningStore::take_table(std::string_view snapshot) {
    const auto table = table_from_bytes(snapshot, "the table in the shared store");
    if (!table) return tl::unexpected(table.error());
    copy_table(**table, *live_);
    saved_ = live_->applied - 1;  // not the one on disk, whatever its number
    return {};
}

}  // namespace cordon
