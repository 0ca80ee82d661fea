// SPDX-License-Identifier: GPL-2.0-only
// cordond's side of `cordond --role NAME`: where each role has a unit of systemd, its programs are
// not started here but by a process in that unit, which gets the descriptors and tells of their
// end. So systemd confines, accounts and shows each role by itself, while cordond still says what
// runs: two generations of a pool during a reload, and the milter last.
#pragma once

#include <poll.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "conf/base/file_descriptor.h"
#include "conf/base/program.h"
#include "conf/configuration.h"
#include "milter/role_unit_records.h"

namespace cordon {

class RoleUnits {
 public:
    static Result<std::unique_ptr<RoleUnits>> open(const Configuration& configuration);

    bool has(const std::string& program) const;
    /// As spawn(), by the unit of that program; waits a moment for its answer. The process is no
    /// child of ours.
    Result<pid_t> spawn(const Spawn& what);

    void add_polls(std::vector<pollfd>& out) const;
    /// Takes what has come. Which processes have ended; those of a unit that is gone count as such.
    std::vector<UnitEnded> look();

 private:
    struct Unit {
        UniqueFd socket;
        std::string program;  // empty until it has said which
        std::set<pid_t> running;
    };
    explicit RoleUnits(UniqueFd listener) : listener_(std::move(listener)) {}

    void accept_units();
    Result<void> hear(Unit& unit, const UnitRecord& record);
    static Result<UnitRecord> receive(const Unit& unit, Deadline deadline);
    Result<pid_t> wait_started(Unit& unit);
    void drop(Unit& unit);

    UniqueFd listener_;
    std::vector<Unit> units_;
    std::vector<UnitEnded> ended_;
};

}  // namespace cordon
