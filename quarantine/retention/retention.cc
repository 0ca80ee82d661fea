// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/retention/retention.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "conf/base/log.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kAuditTime = 400 * kDay;
constexpr std::string_view kLastSweep = "last-sweep";
constexpr std::string_view kDoubtfulUntil = "clock-doubtful-until";
// At least 24 sweeps in the time that mail is kept, at most one a second, at least one an hour.
constexpr std::int64_t kSweepsPerRetention = 24;
constexpr std::int64_t kLongestPause = 3600;

std::int64_t retention_of(const Keeper& keeper) {
    return std::chrono::duration_cast<std::chrono::seconds>(
               keeper.configuration.get()->quarantine.retention.value)
        .count();
}

std::int64_t time_of(Keeper& keeper, std::string_view what) {
    const auto text = keeper.journal->value(what);
    const auto time = text ? parse_unsigned(*text) : std::nullopt;
    return time ? static_cast<std::int64_t>(*time) : 0;
}

bool expire(Keeper& keeper, const std::string& id) {
    auto done = keeper.vault->remove(id);
    if (done) done = keeper.journal->set_gone(id, "cordon", "expired", "");
    if (!done) log::error("expiry-failed", {{"id", id}, {"error", done.error().what}});
    return done.has_value();
}

void forget_history(Keeper& keeper, std::int64_t wall) {
    if (!keeper.history) return;
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(
        keeper.configuration.get()->history.retention.value);
    keeper.history->forget_before(wall - age.count());
}

std::int64_t steady_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(Steady::now().time_since_epoch())
        .count();
}

}  // namespace

bool ClockWatch::is_trusted(std::int64_t wall, std::int64_t steady) {
    if (!steady_ && doubtful_until_ > wall)
        distrusted_until_ = steady + std::min(doubtful_until_ - wall, kDay);
    // Between two processes only the wall clock is known.
    const std::int64_t passed = steady_ ? steady - *steady_ : 0;
    const bool has_jumped = wall_ != 0 && std::abs(wall - wall_ - passed) > kDay;
    wall_ = wall;
    steady_ = steady;
    if (has_jumped) distrusted_until_ = steady + kDay;
    const bool is_trusted = steady >= distrusted_until_;
    doubtful_until_ = is_trusted ? 0 : wall + distrusted_until_ - steady;
    return is_trusted;
}

Retention::Retention(Keeper& keeper)
    : keeper_(keeper), clock_(time_of(keeper, kLastSweep), time_of(keeper, kDoubtfulUntil)) {}

void Retention::note_time(std::int64_t wall) {
    auto noted = keeper_.journal->set_value(kLastSweep, std::to_string(wall));
    if (noted && clock_.doubtful_until() != time_of(keeper_, kDoubtfulUntil))
        noted = keeper_.journal->set_value(kDoubtfulUntil, std::to_string(clock_.doubtful_until()));
    if (!noted) log::error("journal-failed", {{"error", noted.error().what}});
}

std::size_t Retention::sweep(std::int64_t wall, std::int64_t steady) {
    keeper_.is_clock_doubtful = !clock_.is_trusted(wall, steady);
    note_time(wall);
    if (const auto reason = why_nothing_expires(keeper_); !reason.empty()) {
        log::warn("retention-paused", {{"reason", reason}});
        return 0;
    }
    expire_allowed(keeper_, wall);
    forget_history(keeper_, wall);
    const auto old = keeper_.journal->received_before(wall - retention_of(keeper_));
    if (!old) {
        log::error("journal-failed", {{"error", old.error().what}});
        return 0;
    }
    const auto removed = static_cast<std::size_t>(std::count_if(
        old->begin(), old->end(), [this](const auto& id) { return expire(keeper_, id); }));
    if (removed > 0) log::info("expired", {{"messages", removed}});
    if (auto done = keeper_.journal->forget_before(wall - kAuditTime); !done)
        log::error("journal-failed", {{"error", done.error().what}});
    return removed;
}

int Retention::pause() const {
    const auto seconds =
        std::clamp<std::int64_t>(retention_of(keeper_) / kSweepsPerRetention, 1, kLongestPause);
    return static_cast<int>(seconds * 1000);
}

void Retention::run(int stop, int changed) {
    for (;;) {
        sweep(unix_time(), steady_seconds());
        std::array<pollfd, 2> entries{{{stop, POLLIN, 0}, {changed, POLLIN, 0}}};
        if (::poll(entries.data(), entries.size(), pause()) < 0 && errno != EINTR) return;
        if (entries[0].revents != 0) return;
        eventfd_t count = 0;
        if (entries[1].revents != 0) ::eventfd_read(changed, &count);
    }
}

}  // namespace cordon
