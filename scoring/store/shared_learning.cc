// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/shared_learning.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/digest.h"
#include "conf/base/log.h"

namespace cordon {

namespace {

constexpr Milliseconds kServerTime{2000};  // for a single read or write
constexpr Milliseconds kLockTime{6000};
constexpr Milliseconds kQuietPublication{3000};
constexpr Milliseconds kBusyPublication{10'000};
constexpr Milliseconds kPruning{600'000};
constexpr std::size_t kBatch = 500;
constexpr std::int64_t kKeptSent = 86'400;  // seconds that sent events stay in the spool

void say_lost(const Error& error, std::uint64_t waiting) {
    log::error("learning-store-lost",
               {{"error", error.what},
                {"waiting", waiting},
                {"action", "mail is judged by what is known; what is taught waits on this host"}});
}

void say_back(std::int64_t seconds, std::uint64_t waiting) {
    log::info("learning-store-back", {{"seconds", seconds}, {"waiting", waiting}});
}

}  // namespace

SharedLearning::SharedLearning(LearningService& service, Options options)
    : service_(service),
      options_(std::move(options)),
      thread_(status_,
              {[this] { return turn(); }, [this] { after_failure(); }, say_lost, say_back}) {}

SharedLearning::~SharedLearning() {
    thread_.stop();
    if (store_ && !holder_.empty()) static_cast<void>(store_->leave_lock(holder_));
}

SharedStatus SharedLearning::status() {
    return status_.with([](const SharedStatus& status) { return status; });
}

/// A lost connection is a lost lock as far as this host can know.
void SharedLearning::after_failure() {
    if (auto done = release_training(); !done)
        log::error("learning-failed", {{"error", done.error().what}});
    status_.with([](SharedStatus& status) { status.is_trainer = false; });
    if (store_ && store_->is_broken()) store_.reset();
}

Result<void> SharedLearning::connect() {
    const auto name = service_.with_store([](LearningStore& s) { return s.host_name(false); });
    if (!name) return tl::unexpected(name.error());
    auto connection = RedisConnection::open(options_.url, options_.password, kServerTime);
    if (!connection) return tl::unexpected(connection.error());
    store_.emplace(std::move(*connection), *name);
    table_ = 0;  // whatever has become of it there
    return {};
}

Result<bool> SharedLearning::turn() {
    if (!store_)
        if (auto done = connect(); !done) return tl::unexpected(done.error());
    auto state = store_->state();
    if (!state) return tl::unexpected(state.error());
    if (auto done = hold_lock(*state); !done) return tl::unexpected(done.error());
    const auto is_following = follow(*state);
    if (!is_following || !*is_following) return is_following;
    const auto has_sent = send(*state);
    if (!has_sent) return has_sent;
    const auto has_received = receive();
    if (!has_received) return has_received;
    const bool is_busy = *has_sent || *has_received;
    if (auto done = exchange_table(*state, is_busy); !done) return tl::unexpected(done.error());
    return is_busy;
}

Result<void> SharedLearning::hold_lock(const SharedState& state) {
    status_.with([&](SharedStatus& status) {
        status.trainer = state.holder;
        status.is_trainer = is_training_;
    });
    if (!holder_.empty()) {
        const auto is_kept = store_->keep_lock(holder_, kLockTime);
        if (!is_kept) return tl::unexpected(is_kept.error());
        return *is_kept ? Result<void>() : release_training();
    }
    if (!state.holder.empty()) return {};
    auto taken = store_->take_lock(kLockTime, options_.host_name);
    if (!taken) return tl::unexpected(taken.error());
    holder_ = taken->value_or("");
    return {};
}

Result<void> SharedLearning::release_training() {
    holder_.clear();
    if (!is_training_) return {};
    is_training_ = false;
    table_ = 0;  // that of the next trainer counts, also where this one is ahead of it
    log::info("learning-trainer", {{"is", "another host"}});
    return service_.with_store([](LearningStore& s) { return s.set_trainer(false); });
}

/// True when this host follows the log that the store has.
Result<bool> SharedLearning::follow(SharedState& state) {
    const auto mine = service_.with_store([](LearningStore& s) { return s.epoch(); });
    const auto position = service_.with_store([](LearningStore& s) { return s.position(); });
    if (!mine) return tl::unexpected(mine.error());
    if (!position) return tl::unexpected(position.error());
    epoch_ = *mine;
    position_ = *position;
    // With fewer events than this host has seen, it lost some: they come again from their hosts.
    const bool has_lost = epoch_ == state.epoch && state.events < position_;
    if (!holder_.empty() && (state.epoch.empty() || has_lost)) return begin_log(state);
    if (state.epoch.empty()) return false;
    if (epoch_ == state.epoch && !has_lost) return true;
    const auto joined = service_.with_store([&](LearningStore& s) { return s.join(state.epoch); });
    if (!joined) return tl::unexpected(joined.error());
    log::info("learning-joined", {{"log", state.epoch}, {"events", state.events}});
    epoch_ = state.epoch;
    position_ = 0;
    table_ = 0;
    return true;
}

/// What this host has learned is where the log begins.
Result<bool> SharedLearning::begin_log(SharedState& state) {
    const auto last = service_.with_store([](LearningStore& s) { return s.last_number(); });
    if (!last) return tl::unexpected(last.error());
    const auto name = random_hex(8);
    const auto begun = store_->found(holder_, name, *last);
    if (!begun) return tl::unexpected(begun.error());
    if (!*begun) return release_training().map([] { return false; });
    const auto noted = service_.with_store([&](LearningStore& s) { return s.found(name); });
    if (!noted) return tl::unexpected(noted.error());
    log::info("learning-log-begun", {{"log", name}, {"events", *last}});
    epoch_ = name;
    position_ = *last;
    state.epoch = name;
    state.events = *last;
    state.sent = 0;
    state.table = 0;
    return true;
}

Result<bool> SharedLearning::send(const SharedState& state) {
    const auto events = service_.with_store(
        [&](LearningStore& s) -> Result<SpooledBatch> { return s.waiting(state.sent, kBatch); });
    if (!events) return tl::unexpected(events.error());
    // The database is older than what the store has of it: its numbers have been used.
    if (state.sent > events->last) return renew_name().map([] { return true; });
    const bool is_pruning = next_pruning_.is_over();
    if (is_pruning) next_pruning_ = Deadline::in(kPruning);
    // Only now: what was sent in the last round has come back through the log by now.
    const auto noted = service_.with_store([&](LearningStore& s) {
        return s.note_sent(state.sent, is_pruning ? unix_time() - kKeptSent : 0);
    });
    if (!noted) return tl::unexpected(noted.error());
    std::uint64_t sent = state.sent;
    if (!events->events.empty()) {
        const auto now = store_->send(epoch_, events->events);
        if (!now) return tl::unexpected(now.error());
        sent = *now;
    }
    const auto taken = std::min<std::uint64_t>(sent - state.sent, events->waiting);
    status_.with([&](SharedStatus& status) {
        status.sent += taken;
        status.waiting = events->waiting - taken;
    });
    return taken > 0 && events->waiting > taken;
}

Result<void> SharedLearning::renew_name() {
    const auto name = service_.with_store([](LearningStore& s) { return s.host_name(true); });
    if (!name) return tl::unexpected(name.error());
    store_.reset();
    return connect();
}

Result<bool> SharedLearning::receive() {
    const auto events = store_->events_after(position_, kBatch);
    if (!events) return tl::unexpected(events.error());
    if (events->empty()) return false;
    const auto done = service_.with_store([&](LearningStore& s) { return s.consume(*events); });
    if (!done) return tl::unexpected(done.error());
    position_ = events->back().number;
    status_.with([&](SharedStatus& status) { status.received += events->size(); });
    return true;
}

Result<void> SharedLearning::exchange_table(const SharedState& state, bool is_busy) {
    const bool is_new = state.table != table_;
    if (holder_.empty()) return is_new && state.table > 0 ? load(state.table) : Result<void>();
    if (!is_training_) {
        if (is_new && state.table > 0)
            if (auto done = load(state.table); !done) return done;
        auto done = service_.with_store([](LearningStore& s) { return s.set_trainer(true); });
        if (!done) return done;
        is_training_ = true;
        published_ = 0;
        publication_ = {};
        log::info("learning-trainer", {{"is", "this host"}, {"as", holder_}});
        return {};
    }
    rebuilds_ = service_.with_store([](LearningStore& s) { return s.rebuilds(); });
    const bool is_changed = published_ != position_ + rebuilds_ + 1;
    const auto age = Steady::now() - publication_;
    const bool is_due = is_changed && age >= (is_busy ? kBusyPublication : kQuietPublication);
    return is_due || state.table == 0 ? publish() : Result<void>();
}

Result<void> SharedLearning::publish() {
    const auto bytes = service_.with_store([](LearningStore& s) { return s.table_bytes(); });
    const auto number = store_->publish(holder_, position_, bytes);
    if (!number) return tl::unexpected(number.error());
    if (!*number) return release_training();
    table_ = **number;
    published_ = position_ + rebuilds_ + 1;
    publication_ = Steady::now();
    status_.with([](SharedStatus& status) { ++status.tables; });
    return {};
}

Result<void> SharedLearning::load(std::uint64_t number) {
    const auto bytes = store_->table();
    if (!bytes) return tl::unexpected(bytes.error());
    table_ = number;
    const auto done = service_.with_store([&](LearningStore& s) { return s.take_table(*bytes); });
    if (!done) {
        log::error("shared-table-refused",
                   {{"error", done.error().what}, {"action", "going on with the one at hand"}});
        return {};
    }
    status_.with([](SharedStatus& status) { ++status.tables; });
    return {};
}

}  // namespace cordon
