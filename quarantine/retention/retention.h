// SPDX-License-Identifier: GPL-2.0-only
// Retention: held mail older than [quarantine] retention, by the time at which the vault received
// it, is removed. What would be gone by a clock that went wrong could not be brought back, so a
// sweep that finds the clock to have jumped removes nothing, and neither does any in the day after.
#pragma once

#include <cstdint>
#include <optional>

#include "quarantine/keeper/keeper.h"

namespace cordon {

class ClockWatch {
 public:
    /// `last_wall`: what the wall clock said when the last process looked; 0: never.
    /// `doubtful_until`: what that one said of itself, so that a restart ends no doubt.
    explicit ClockWatch(std::int64_t last_wall, std::int64_t doubtful_until = 0)
        : wall_(last_wall), doubtful_until_(doubtful_until) {}

    /// False when wall clock and time passed differ by more than a day since the last call (or the
    /// last process was long ago: then nobody knows), and for a day after.
    bool is_trusted(std::int64_t wall, std::int64_t steady);
    /// By the wall clock; 0: it was trusted.
    std::int64_t doubtful_until() const { return doubtful_until_; }

 private:
    std::int64_t wall_;
    std::int64_t doubtful_until_;
    std::optional<std::int64_t> steady_;
    std::int64_t distrusted_until_ = 0;  // of the steady clock
};

class Retention {
 public:
    explicit Retention(Keeper& keeper);

    /// One sweep; how many messages were removed.
    std::size_t sweep(std::int64_t wall, std::int64_t steady);
    /// Sweeps until `stop` is readable; when the eventfd `changed` is, at once, since the time that
    /// mail is kept may have changed.
    void run(int stop, int changed);

 private:
    int pause() const;
    void note_time(std::int64_t wall);

    Keeper& keeper_;
    ClockWatch clock_;
};

}  // namespace cordon
