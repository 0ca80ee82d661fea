// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/history_service.h"

#include <algorithm>
#include <iterator>

#include "conf/base/log.h"

namespace cordon {

namespace {

constexpr std::size_t kMostQueued = 20'000;  // about a kB each
constexpr Milliseconds kPause{1000};
constexpr Milliseconds kSizeCheck{60'000};
// Of a question. The thread that asks is one of the keeper's few.
constexpr Milliseconds kAnswerTime{250};
constexpr std::string_view kBusy = "the history answers another question";

void log_failure(const Result<void>& done, std::size_t records) {
    if (!done) log::warn("history-failed", {{"records", records}, {"error", done.error().what}});
}

}  // namespace

bool is_busy(const Error& error) {
    return error.what == kBusy;
}

Result<std::unique_ptr<HistoryService>> HistoryService::start(const std::string& path,
                                                              std::uint64_t max_bytes) {
    auto writer = HistoryStore::open(path);
    if (!writer) return tl::unexpected(writer.error());
    auto reader = HistoryStore::open(path);
    if (!reader) return tl::unexpected(reader.error());
    return std::unique_ptr<HistoryService>(
        new HistoryService(std::move(*writer), std::move(*reader), max_bytes));
}

HistoryService::HistoryService(std::unique_ptr<HistoryStore> writer,
                               std::unique_ptr<HistoryStore> reader, std::uint64_t max_bytes)
    : writer_(std::move(writer)),
      reader_(std::move(reader)),
      max_bytes_(max_bytes),
      thread_([this] { run(); }) {}

HistoryService::~HistoryService() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_all();
}

std::size_t HistoryService::post(std::vector<HistoryRecord> records) {
    const std::lock_guard lock(mutex_);
    const auto room = kMostQueued - std::min(kMostQueued, work_.records.size());
    const auto taken = std::min(room, records.size());
    std::move(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(taken),
              std::back_inserter(work_.records));
    return records.size() - taken;
}

void HistoryService::mark(const std::string& id, Feedback feedback) {
    const std::lock_guard lock(mutex_);
    work_.marks.push_back({id, feedback});
}

void HistoryService::forget_before(std::int64_t time) {
    const std::lock_guard lock(mutex_);
    work_.forget_before = std::max(work_.forget_before, time);
}

Result<std::uint64_t> HistoryService::erase(const std::string& address) {
    std::future<Result<std::uint64_t>> done;
    {
        const std::lock_guard lock(mutex_);
        Erasure erasure;
        erasure.address = address;
        done = erasure.done.get_future();
        work_.erasures.push_back(std::move(erasure));
    }
    wake_.notify_all();
    return done.get();
}

Result<HistoryPage> HistoryService::find(const HistoryQuery& query) {
    const std::unique_lock lock(reading_, std::try_to_lock);
    if (!lock) return fail(std::string(kBusy));
    return reader_->find(query, kAnswerTime);
}

Result<HistoryFigures> HistoryService::figures() {
    const std::unique_lock lock(reading_, std::try_to_lock);
    if (!lock) return fail(std::string(kBusy));
    return reader_->figures();
}

void HistoryService::serve(Work& work) {
    if (!work.records.empty()) log_failure(writer_->add(work.records), work.records.size());
    for (const auto& mark : work.marks) log_failure(writer_->mark(mark.id, mark.feedback), 1);
    if (work.forget_before > 0) log_failure(writer_->forget_before(work.forget_before), 0);
    for (auto& erasure : work.erasures) erasure.done.set_value(writer_->erase(erasure.address));
}

void HistoryService::run() {
    auto next_check = Deadline::in(Milliseconds(0));
    for (;;) {
        Work work;
        bool is_last = false;
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, kPause,
                           [this] { return is_stopping_ || !work_.erasures.empty(); });
            std::swap(work, work_);
            is_last = is_stopping_;
        }
        serve(work);
        if (next_check.is_over()) {
            log_failure(writer_->keep_below(max_bytes_), 0);
            next_check = Deadline::in(kSizeCheck);
        }
        if (is_last) return;
    }
}

}  // namespace cordon
