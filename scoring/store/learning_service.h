// SPDX-License-Identifier: GPL-2.0-only
// The learning store behind a thread of its own: what people teach is answered once it is durable,
// what mail teaches by itself is queued or dropped, and nobody on the way of mail waits. Safe from
// several threads.
#pragma once

#include <condition_variable>
#include <deque>
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

    static Result<std::unique_ptr<LearningService>> start(const std::string& folder,
                                                          const std::string& live_table);
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

 private:
    struct Job {
        std::vector<LearnEvent> events;
        bool is_rebuild = false;
        std::promise<Result<Outcomes>> done;
    };
    explicit LearningService(std::unique_ptr<LearningStore> store);
    std::future<Result<Outcomes>> submit(Job job);
    void work();
    void serve(Job& job);
    void learn_posted(const std::vector<LearnEvent>& events);

    std::unique_ptr<LearningStore> store_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    std::vector<LearnEvent> posted_;
    bool is_stopping_ = false;
    std::jthread thread_;  // the last member: it uses the others
};

}  // namespace cordon
