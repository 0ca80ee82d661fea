// SPDX-License-Identifier: GPL-2.0-only
// Events of this host on their way to a store that several hosts share: durable in the database of
// the event log until the store has them, and a while longer, since a store may lose its last
// minutes. Belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "scoring/store/event_log.h"

namespace cordon {

struct SpooledEvent {
    std::uint64_t number = 0;  // rises, and never comes again
    LearnEvent event;
};

class EventSpool {
 public:
    static constexpr std::int64_t kMostEvents = 200'000;

    /// `log` is borrowed.
    static Result<EventSpool> open(EventLog& log);

    /// Within a transaction of the caller's. What is known by the spool or the log is not taken;
    /// the outcome is by what this host knows.
    Result<LearnOutcome> append(const LearnEvent& event);
    Result<std::vector<SpooledEvent>> after(std::uint64_t number, std::size_t limit) const;
    /// Events after that one.
    Result<std::uint64_t> count_after(std::uint64_t number) const;
    Result<std::uint64_t> last_number() const;
    /// The store has those up to this one, as far as this host knows.
    Result<std::uint64_t> sent() const;
    Result<void> set_sent(std::uint64_t number);
    /// Forgets those up to `sent` that are older than `before`.
    Result<void> prune(std::uint64_t sent, std::int64_t before);
    /// Takes all current labels of the log, as if this host had learned them just now. Within a
    /// transaction.
    Result<void> take_all_of_log();

 private:
    explicit EventSpool(EventLog& log) : log_(&log) {}
    Result<std::uint64_t> number(std::string_view sql, std::uint64_t value) const;

    EventLog* log_;
};

}  // namespace cordon
