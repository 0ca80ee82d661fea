// SPDX-License-Identifier: GPL-2.0-only
// How sharing what was learned goes, in figures.
#pragma once

#include <cstdint>
#include <string>

namespace cordon {

struct SharedStatus {
    bool is_connected = false;
    bool is_trainer = false;
    std::string trainer;        // who holds the lock, as the store says
    std::uint64_t waiting = 0;  // events in the spool that the store does not have
    std::uint64_t sent = 0;     // since the start, like all that follow
    std::uint64_t received = 0;
    std::uint64_t tables = 0;  // published or loaded
    std::uint64_t errors = 0;
    std::string error;  // the last one, while it lasts
};

}  // namespace cordon
