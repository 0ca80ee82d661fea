// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/learning_service.h"

#include "conf/base/clock.h"
#include "conf/base/log.h"

namespace cordon {

namespace {
constexpr std::size_t kMostPosted = 2000;  // a few kB each
constexpr Milliseconds kPause{1000};       // posted events are learned together, once a second
constexpr Milliseconds kSnapshotAge{60'000};
}  // namespace

std::unique_ptr<LearningService> LearningService::start(std::unique_ptr<LearningStore> store) {
    return std::unique_ptr<LearningService>(new LearningService(std::move(store)));
}

LearningService::LearningService(std::unique_ptr<LearningStore> store)
    : store_(std::move(store)), thread_([this] { work(); }) {}

LearningService::~LearningService() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_all();
}

void LearningService::submit(Job job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    wake_.notify_all();
}

Result<LearningService::Outcomes> LearningService::learn(std::vector<LearnEvent> events) {
    return with_store([&events](LearningStore& store) { return store.learn(events); });
}

Result<void> LearningService::rebuild() {
    return with_store([](LearningStore& store) { return store.rebuild(); });
}

bool LearningService::post(LearnEvent event) {
    const std::lock_guard lock(mutex_);
    if (posted_.size() >= kMostPosted) {
        ++dropped_;
        return false;
    }
    posted_.push_back(std::move(event));
    return true;
}

LearningCounts LearningService::counts() const {
    return store_->counts();  // atomics of the table
}

void LearningService::learn_posted(const std::vector<LearnEvent>& events) {
    if (events.empty()) return;
    if (auto done = store_->learn(events); !done) {
        dropped_ += events.size();
        log::warn("events-not-learned", {{"events", events.size()}, {"error", done.error().what}});
    }
}

void LearningService::work() {
    auto next_snapshot = Deadline::in(kSnapshotAge);
    for (;;) {
        std::deque<Job> jobs;
        std::vector<LearnEvent> posted;
        bool is_last = false;
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, kPause, [this] { return is_stopping_ || !jobs_.empty(); });
            jobs.swap(jobs_);
            posted.swap(posted_);
            is_last = is_stopping_;
        }
        learn_posted(posted);
        for (auto& job : jobs) job(*store_);
        if (auto saved = store_->save(next_snapshot.is_over()); !saved)
            log::warn("snapshot-not-saved", {{"error", saved.error().what}});
        if (next_snapshot.is_over()) next_snapshot = Deadline::in(kSnapshotAge);
        if (is_last) return;
    }
}

}  // namespace cordon
