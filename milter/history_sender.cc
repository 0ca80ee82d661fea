// SPDX-License-Identifier: GPL-2.0-only
#include "milter/history_sender.h"

#include "quarantine/keeper/history_messages.h"

namespace cordon {

namespace {
constexpr std::size_t kMostQueued = 5000;  // a few kB each at most
constexpr std::size_t kMostSent = 500;
constexpr Milliseconds kPause{500};
constexpr Milliseconds kSendTime{2000};
}  // namespace

HistorySender::HistorySender(std::string keeper_socket, std::shared_ptr<Metrics> metrics)
    : keeper_socket_(std::move(keeper_socket)),
      metrics_(std::move(metrics)),
      thread_([this] { run(); }) {}

HistorySender::~HistorySender() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_all();
}

void HistorySender::post(HistoryRecord record) {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < kMostQueued)
        queue_.push_back(std::move(record));
    else
        metrics_->count(Metric::history_dropped);
}

void HistorySender::flush(Milliseconds time) {
    std::unique_lock lock(mutex_);
    is_hurried_ = true;
    wake_.notify_all();
    sent_.wait_for(lock, time, [this] { return queue_.empty() && !is_sending_; });
}

bool HistorySender::send(std::deque<HistoryRecord> records) {
    std::vector<std::string> encoded;
    encoded.reserve(records.size());
    for (const auto& record : records) encoded.push_back(encode(record));
    if (post_history(keeper_socket_, std::move(encoded), kSendTime)) return true;
    // A keeper that is being restarted is back in a moment.
    const std::lock_guard lock(mutex_);
    for (; !records.empty() && queue_.size() < kMostQueued; records.pop_back())
        queue_.push_front(std::move(records.back()));
    for (std::size_t i = 0; i < records.size(); ++i) metrics_->count(Metric::history_dropped);
    return false;
}

void HistorySender::run() {
    for (bool is_last = false; !is_last;) {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, kPause, [this] { return is_stopping_ || is_hurried_; });
        is_hurried_ = false;
        is_last = is_stopping_;
        while (!queue_.empty()) {
            std::deque<HistoryRecord> some;
            for (; !queue_.empty() && some.size() < kMostSent; queue_.pop_front())
                some.push_back(std::move(queue_.front()));
            is_sending_ = true;
            lock.unlock();
            const bool is_sent = send(std::move(some));
            lock.lock();
            is_sending_ = false;
            if (!is_sent) break;
        }
        sent_.notify_all();
    }
}

}  // namespace cordon
