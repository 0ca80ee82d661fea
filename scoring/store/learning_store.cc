// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/learning_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "conf/base/log.h"
#include "scoring/store/put_aside.h"

namespace cordon {

namespace {

constexpr std::uint64_t kEventsBetweenSnapshots = 1000;
constexpr std::uint64_t kEventsBetweenPrunings = 1000;

Result<void> make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno(path);
    return {};
}

Result<UniqueFd> take_lock(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return fail_errno(path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
        return fail(path + ": another process learns here (cordon-keeper, or cordon learn)");
    return fd;
}

Result<EventLog> open_log(const std::string& path) {
    auto log = EventLog::open(path);
    if (log) return log;
    if (!is_damage(log.error())) return log;
    if (auto done = put_aside(path, log.error()); !done) return tl::unexpected(done.error());
    return EventLog::open(path);
}

}  // namespace

Result<std::unique_ptr<LearningStore>> LearningStore::open(const std::string& folder,
                                                           const std::string& live_table) {
    std::unique_ptr<LearningStore> out(new LearningStore);
    out->folder_ = folder;
    if (auto made = make_folder(folder); !made) return tl::unexpected(made.error());
    auto lock = take_lock(folder + "/lock");
    if (!lock) return tl::unexpected(lock.error());
    out->lock_ = std::move(*lock);
    auto log = open_log(folder + "/events.db");
    if (!log) return tl::unexpected(log.error());
    out->log_ = std::make_unique<EventLog>(std::move(*log));
    if (auto opened = out->open_table(live_table); !opened) return tl::unexpected(opened.error());
    if (auto restored = out->restore(); !restored) return tl::unexpected(restored.error());
    return out;
}

LearningStore::~LearningStore() {
    if (!learner_) return;
    if (auto saved = save(true); !saved)
        log::warn("snapshot-not-saved", {{"error", saved.error().what}});
}

Result<void> LearningStore::open_table(const std::string& live_table) {
    Result<TableMapping> mapped = fail("");
    if (live_table.empty()) {
        mapped = TableMapping::make();
    } else {
        const auto fd = open_live_table(live_table);
        if (!fd) return tl::unexpected(fd.error());
        mapped = TableMapping::map(fd->get(), true);
    }
    if (!mapped) return tl::unexpected(mapped.error());
    live_ = std::move(*mapped);
    return {};
}

/// The snapshot and the events after it; without a good snapshot all events that the log has.
Result<void> LearningStore::restore() {
    const std::string path = folder_ + "/weights.snapshot";
    const auto last = log_->last_number();
    if (!last) return tl::unexpected(last.error());
    auto snapshot = load_snapshot(path);
    if (!snapshot && ::access(path.c_str(), F_OK) == 0) {
        if (auto done = put_aside(path, snapshot.error()); !done) return done;
    } else if (!snapshot && *last == 0) {
        snapshot = TableMapping::make();
    }
    if (!snapshot) return rebuild();
    const std::uint64_t applied = (*snapshot)->applied;
    if (auto done = log_->continue_after(applied); !done) return done;
    copy_table(**snapshot, *live_);
    saved_ = applied;
    pruned_ = applied;
    return catch_up(applied);
}

/// Shows the learner what it remembers of the events up to `from`, and teaches it the later ones.
Result<void> LearningStore::catch_up(std::uint64_t from) {
    learner_ = std::make_unique<Learner>(*live_);
    auto done = log_->for_each_last(
        from, Learner::kRemembered,
        [this](std::uint64_t, const LabelledFeatures& event) { learner_->remember(event); });
    if (!done) return done;
    return log_->for_each(from, ~std::uint64_t{0} >> 1U,
                          [this](std::uint64_t number, const LabelledFeatures& event) {
                              learner_->learn(event);
                              live_->applied = number;
                          });
}

Result<void> LearningStore::rebuild() {
    if (!is_trainer_)
        return fail("another host trains the table that this one uses: rebuild it there");
    // A table that was lost, before there is a learner, is made as it was.
    const int passes = learner_ ? Learner::kPasses : 1;
    auto table = TableMapping::make();
    if (!table) return tl::unexpected(table.error());
    auto learner = std::make_unique<Learner>(**table);
    auto done = log_->for_each_current([&](std::uint64_t number, const LabelledFeatures& event) {
        learner->learn(event);
        (*table)->applied = number;
    });
    for (int pass = 1; done && pass < passes; ++pass)
        done = log_->for_each_current(
            [&](std::uint64_t, const LabelledFeatures& event) { learner->learn_again(event); });
    if (!done) return done;
    const auto last = log_->last_number();
    if (!last) return tl::unexpected(last.error());
    (*table)->applied = *last;
    copy_table(**table, *live_);
    if (auto saved = save_snapshot(*live_, folder_ + "/weights.snapshot"); !saved) return saved;
    saved_ = *last;
    ++rebuilds_;
    log::info("learning-rebuilt", {{"ham", live_->ham.load()}, {"spam", live_->spam.load()}});
    return catch_up(*last);
}

Result<std::vector<LearnOutcome>> LearningStore::learn(std::span<const LearnEvent> events) {
    std::vector<LearnOutcome> out;
    SqlTransaction transaction(log_->database());
    if (auto left = leave_shared_log(); !left) return tl::unexpected(left.error());
    for (const auto& event : events) {
        const auto outcome = is_shared() ? spool_->append(event) : log_->append(event);
        if (!outcome) return tl::unexpected(outcome.error());
        out.push_back(*outcome);
    }
    if (auto done = transaction.commit(); !done) return tl::unexpected(done.error());
    if (!is_shared()) apply_new();
    return out;
}

/// Teaches the learner what the log has beyond the table.
void LearningStore::apply_new() {
    auto done = log_->for_each(live_->applied, ~std::uint64_t{0} >> 1U,
                               [this](std::uint64_t number, const LabelledFeatures& event) {
                                   learner_->learn(event);
                                   live_->applied = number;
                               });
    // It is in the log: what was not applied now is when the store is opened.
    if (!done) log::error("learning-not-applied", {{"error", done.error().what}});
    prune_sometimes(live_->applied);
}

void LearningStore::prune_sometimes(std::uint64_t last) {
    if (last < pruned_ + kEventsBetweenPrunings) return;
    pruned_ = last;
    if (auto pruned = log_->prune(); !pruned)
        log::warn("learning-not-pruned", {{"error", pruned.error().what}});
}

Result<void> LearningStore::save(bool always) {
    const std::uint64_t applied = live_->applied;
    if (applied == saved_) return {};
    if (!always && applied - saved_ < kEventsBetweenSnapshots) return {};
    if (auto saved = save_snapshot(*live_, folder_ + "/weights.snapshot"); !saved) return saved;
    saved_ = applied;
    return {};
}

LearningCounts LearningStore::counts() const {
    return {live_->ham, live_->spam, live_->applied};
}

}  // namespace cordon
