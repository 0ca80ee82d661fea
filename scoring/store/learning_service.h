// SPDX-License-Identifier: GPL-2.0-only
// The learning store behind a thread of its own: what people teach is answered once it is durable,
// what mail teaches by itself is queued or dropped, and nobody on the way of mail waits. Safe from
// several threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "scoring/store/learning_store.h"

namespace cordon {

class LearningService {
 public:
    using Outcomes = std::vector<LearnOutcome>;

    static std::unique_ptr<LearningService> start(std::unique_ptr<LearningStore> store);
    /// Learns what is queued, saves the snapshot.
    ~LearningService();
    LearningService(const LearningService&) = delete;
    LearningService& operator=(const LearningService&) = delete;

    /// Waits until the events are durable; all or none.
    Result<Outcomes> learn(std::vector<LearnEvent> events);
    /// Without waiting; false when the queue is full and the event was dropped.
    bool post(LearnEvent event);
    Result<void> rebuild();
    LearningCounts counts() const;
    std::uint64_t dropped() const { return dropped_; }  // by post()

    /// Runs `use(LearningStore&)` on the thread of the store, waits, and gives what it gives.
    template <typename Use>
    auto with_store(Use use) {
        using Value = decltype(use(*store_));
        std::promise<Value> done;
        auto out = done.get_future();
        submit([&use, &done](LearningStore& store) { done.set_value(use(store)); });
        return out.get();
    }

 private:
    using Job = std::function<void(LearningStore&)>;
    explicit LearningService(std::unique_ptr<LearningStore> store);
    void submit(Job job);
    void work();
    void learn_posted(const std::vector<LearnEvent>& events);

    std::unique_ptr<LearningStore> store_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    std::vector<LearnEvent> posted_;
    std::atomic<std::uint64_t> dropped_ = 0;
    bool is_stopping_ = false;
    std::jthread thread_;  // the last member: it uses the others
};

}  // namespace cordon
