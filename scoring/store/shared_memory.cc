// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/shared_memory.h"

#include <algorithm>

#include "conf/base/digest.h"
#include "conf/base/log.h"

namespace cordon {

namespace {
constexpr Milliseconds kServerTime{2000};  // for a single read or write
constexpr std::size_t kBatch = 1000;       // changes: some milliseconds of the memory's time
constexpr std::size_t kEntries = 20;
constexpr std::size_t kNameBytes = 8;
constexpr std::uint64_t kBetweenPublications = 5000;  // entries
constexpr Milliseconds kComplaint{600'000};
constexpr std::int64_t kDay = 86'400;

/// What follows each other without a gap, by a clock that can be right: one that is far ahead
/// would make all hosts forget everything.
void keep_plausible(std::vector<MemoryEntry>& entries) {
    const auto latest = unix_time() + kDay;
    std::size_t count = 0;
    for (auto& entry : entries) {
        if (entry.position != entries.front().position + count) break;
        entry.time = std::min(entry.time, latest);
        ++count;
    }
    entries.resize(count);
}

void say_lost(const Error& error, std::uint64_t waiting) {
    log::error("memory-store-lost",
               {{"error", error.what},
                {"waiting", waiting},
                {"action", "of senders this host knows what it has seen itself"}});
}

void say_back(std::int64_t seconds, std::uint64_t waiting) {
    log::info("memory-store-back", {{"seconds", seconds}, {"waiting", waiting}});
}

}  // namespace

SharedMemory::SharedMemory(SenderMemory& memory, StoreUrl url, std::string password)
    : memory_(memory),
      url_(std::move(url)),
      password_(std::move(password)),
      thread_(status_, {[this] { return turn(); },
                        [this] {
                            if (log_ && log_->is_broken()) log_.reset();
                        },
                        say_lost, say_back}) {}

SharedStatus SharedMemory::status() {
    return status_.with([](const SharedStatus& status) { return status; });
}

Result<void> SharedMemory::connect() {
    const auto name = memory_.host_name();
    if (!name) return tl::unexpected(name.error());
    auto connection = RedisConnection::open(url_, password_, kServerTime);
    if (!connection) return tl::unexpected(connection.error());
    log_.emplace(std::move(*connection), *name);
    return {};
}

Result<bool> SharedMemory::turn() {
    if (!log_)
        if (auto done = connect(); !done) return tl::unexpected(done.error());
    auto state = log_->state();
    if (!state) return tl::unexpected(state.error());
    if (auto done = follow(*state); !done) return tl::unexpected(done.error());
    if (place_.epoch.empty()) return true;  // another host was faster
    // First: what comes shows whether the log is whole, and to a damaged one nothing can be added.
    const auto has_received = receive(*state);
    if (!has_received || place_.epoch.empty()) return has_received;
    const auto has_sent = send(*state);
    if (!has_sent) return has_sent;
    if (auto done = publish_sometimes(*state); !done) return tl::unexpected(done.error());
    return *has_sent || *has_received;
}

/// This host is in the log that the store has.
Result<void> SharedMemory::follow(MemoryLogState& state) {
    auto place = memory_.place();
    if (!place) return tl::unexpected(place.error());
    place_ = std::move(*place);
    const bool is_there = !state.epoch.empty() && place_.epoch == state.epoch;
    // With fewer entries than this host has seen, it lost some.
    if (state.epoch.empty() || (is_there && state.entries < place_.position))
        return begin_log(state);
    return is_there ? Result<void>() : join(state);
}

Result<void> SharedMemory::begin_log(MemoryLogState& state) {
    const auto snapshot = memory_.snapshot();
    if (!snapshot) return tl::unexpected(snapshot.error());
    const auto name = random_hex(kNameBytes);
    const auto begun = log_->found(state.epoch, name, *snapshot);
    if (!begun) return tl::unexpected(begun.error());
    place_ = {};
    if (!*begun) return {};
    if (auto done = memory_.found(name); !done) return done;
    log::info("memory-log-begun", {{"log", name}, {"names", snapshot->names.size()}});
    place_ = {name, snapshot->position};
    state = {name, snapshot->position, snapshot->position, 0};
    return {};
}

Result<void> SharedMemory::join(const MemoryLogState& state) {
    const auto snapshot = log_->snapshot();
    if (!snapshot) return tl::unexpected(snapshot.error());
    if (auto done = memory_.join(state.epoch, *snapshot); !done) return done;
    log::info("memory-joined", {{"log", state.epoch}, {"names", snapshot->names.size()}});
    place_ = {state.epoch, snapshot->position};
    status_.with([](SharedStatus& status) { ++status.tables; });
    return {};
}

Result<bool> SharedMemory::send(const MemoryLogState& state) {
    const auto waiting = memory_.waiting(state.sent, kBatch);
    if (!waiting) return tl::unexpected(waiting.error());
    if (state.sent > waiting->last) {
        // The database is older than what the log has of it: its numbers have been used.
        if (auto name = memory_.renew_name(); !name) return tl::unexpected(name.error());
        log_.reset();
        return connect().map([] { return true; });
    }
    std::uint64_t sent = state.sent;
    if (!waiting->changes.empty()) {
        const auto now = log_->send(place_.epoch, waiting->changes);
        if (!now) return tl::unexpected(now.error());
        sent = *now;
    }
    std::uint64_t taken = 0;
    for (const auto& change : waiting->changes) taken += change.number <= sent ? 1 : 0;
    status_.with([&](SharedStatus& status) {
        status.sent += taken;
        status.waiting = waiting->count - taken;
    });
    return taken > 0 && waiting->count > taken;
}

Result<bool> SharedMemory::receive(MemoryLogState& state) {
    auto entries = log_->entries_after(place_.position, kEntries);
    if (!entries) return tl::unexpected(entries.error());
    const bool has_gap = entries->empty() ? place_.position < state.entries
                                          : entries->front().position != place_.position + 1;
    if (has_gap) return close_gap(state).map([] { return true; });
    if (entries->empty()) return false;
    keep_plausible(*entries);
    note_damage(*entries);
    if (auto done = memory_.consume(*entries); !done) return tl::unexpected(done.error());
    place_.position = entries->back().position;
    std::uint64_t changes = 0;
    for (const auto& entry : *entries) changes += entry.changes.size();
    status_.with([&](SharedStatus& status) { status.received += changes; });
    return true;
}

void SharedMemory::note_damage(const std::vector<MemoryEntry>& entries) {
    const MemoryEntry* last = nullptr;
    for (const auto& entry : entries) {
        if (entry.damage.empty()) continue;
        last = &entry;
        ++damaged_;
    }
    if (last == nullptr || !next_complaint_.is_over()) return;
    log::error("memory-entry-damaged", {{"error", last->damage},
                                        {"entry", last->position},
                                        {"entries", damaged_},
                                        {"action", "passed over"}});
    damaged_ = 0;
    next_complaint_ = Deadline::in(kComplaint);
}

/// The log no longer has what comes next for this host.
Result<void> SharedMemory::close_gap(MemoryLogState& state) {
    if (state.snapshot > place_.position) return join(state);
    log::error("memory-log-damaged", {{"entries", state.entries},
                                      {"known", place_.position},
                                      {"action", "it is begun anew from what this host knows"}});
    return begin_log(state);
}

Result<void> SharedMemory::publish_sometimes(const MemoryLogState& state) {
    if (place_.position < state.snapshot + kBetweenPublications) return {};
    const auto snapshot = memory_.snapshot();
    if (!snapshot) return tl::unexpected(snapshot.error());
    if (auto done = log_->publish(place_.epoch, *snapshot); !done) return done;
    status_.with([](SharedStatus& status) { ++status.tables; });
    return {};
}

}  // namespace cordon
