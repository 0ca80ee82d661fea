// SPDX-License-Identifier: GPL-2.0-only
// Takes verdicts from the way of mail and hands them to the keeper from a thread of its own, some
// at a time. Nobody waits for it: what does not fit into its queue is dropped and counted.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "conf/base/clock.h"
#include "conf/base/metrics.h"
#include "scoring/store/history_record.h"

namespace cordon {

class HistorySender {
 public:
    /// Starts the thread: not before a fork.
    HistorySender(std::string keeper_socket, std::shared_ptr<Metrics> metrics);
    /// Sends what is queued, once.
    ~HistorySender();
    HistorySender(const HistorySender&) = delete;
    HistorySender& operator=(const HistorySender&) = delete;

    void post(HistoryRecord record);
    /// Until all is sent, or the time is over.
    void flush(Milliseconds time);

 private:
    void run();
    /// False: the keeper did not take them; they are in the queue again, as far as it has room.
    bool send(std::deque<HistoryRecord> records);

    const std::string keeper_socket_;
    const std::shared_ptr<Metrics> metrics_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable sent_;
    std::deque<HistoryRecord> queue_;
    bool is_sending_ = false;
    bool is_hurried_ = false;
    bool is_stopping_ = false;
    std::jthread thread_;  // the last member: it uses the others
};

}  // namespace cordon
