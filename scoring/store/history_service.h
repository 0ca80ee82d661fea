// SPDX-License-Identifier: GPL-2.0-only
// The history behind a thread of its own: verdicts are queued or dropped, written together once a
// second, and nobody on the way of mail waits. Questions go over a second connection, one at a
// time, each bounded. Safe from several threads.
#pragma once

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "scoring/store/history_store.h"

namespace cordon {

class HistoryService {
 public:
    static Result<std::unique_ptr<HistoryService>> start(const std::string& path,
                                                         std::uint64_t max_bytes);
    /// Writes what is queued.
    ~HistoryService();
    HistoryService(const HistoryService&) = delete;
    HistoryService& operator=(const HistoryService&) = delete;

    /// How many did not fit into the queue and are lost.
    std::size_t post(std::vector<HistoryRecord> records);
    void mark(const std::string& id, Feedback feedback);
    /// By the next turn of the thread.
    void forget_before(std::int64_t time);
    /// Waits for it.
    Result<std::uint64_t> erase(const std::string& address);

    /// Refused while another question is answered: to be asked again.
    Result<HistoryPage> find(const HistoryQuery& query);
    Result<HistoryFigures> figures();

 private:
    struct Mark {
        std::string id;
        Feedback feedback;
    };
    struct Erasure {
        std::string address;
        std::promise<Result<std::uint64_t>> done;
    };
    struct Work {
        std::vector<HistoryRecord> records;
        std::vector<Mark> marks;
        std::vector<Erasure> erasures;
        std::int64_t forget_before = 0;
    };
    HistoryService(std::unique_ptr<HistoryStore> writer, std::unique_ptr<HistoryStore> reader,
                   std::uint64_t max_bytes);
    void run();
    void serve(Work& work);

    std::unique_ptr<HistoryStore> writer_;  // of the thread
    std::mutex reading_;
    std::unique_ptr<HistoryStore> reader_;
    const std::uint64_t max_bytes_;
    std::mutex mutex_;
    std::condition_variable wake_;
    Work work_;
    bool is_stopping_ = false;
    std::jthread thread_;  // the last member: it uses the others
};

/// The error of a question that another one keeps waiting.
bool is_busy(const Error& error);

}  // namespace cordon
