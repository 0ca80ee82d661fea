// SPDX-License-Identifier: GPL-2.0-only
// The memory of senders among hosts, in a thread of its own that nobody waits for: changes made
// here go to the shared log, the log, in order, comes into the memory of each host (memory_log.h,
// sender_memory.h). Position and changes are one transaction: none counts twice.
//
// A host that was away goes on where it was, or from the published memory when the log no longer
// reaches back so far. A store that comes back empty or with less than a host has seen is begun
// anew from that host's memory; the others hand in what they know, and of each counter the greater
// counts.
#pragma once

#include <optional>
#include <string>

#include "conf/base/clock.h"
#include "conf/store_url.h"
#include "scoring/store/memory_log.h"
#include "scoring/store/sender_memory.h"
#include "scoring/store/shared_status.h"
#include "scoring/store/store_thread.h"

namespace cordon {

class SharedMemory {
 public:
    /// `memory` is borrowed, and shares already.
    SharedMemory(SenderMemory& memory, StoreUrl url, std::string password);

    SharedStatus status();

 private:
    Result<bool> turn();
    Result<void> connect();
    Result<void> follow(MemoryLogState& state);
    Result<void> begin_log(MemoryLogState& state);
    Result<void> join(const MemoryLogState& state);
    Result<bool> send(const MemoryLogState& state);
    Result<bool> receive(MemoryLogState& state);
    void note_damage(const std::vector<MemoryEntry>& entries);
    Result<void> close_gap(MemoryLogState& state);
    Result<void> publish_sometimes(const MemoryLogState& state);

    SenderMemory& memory_;
    StoreUrl url_;
    std::string password_;
    std::optional<MemoryLog> log_;
    SenderMemory::Place place_;
    std::uint64_t damaged_ = 0;  // entries, since the last line about such
    Deadline next_complaint_{Steady::time_point()};
    Guarded<SharedStatus> status_;
    StoreThread thread_;  // the last member: it uses the others
};

}  // namespace cordon
