// SPDX-License-Identifier: GPL-2.0-only
// What cordond and the process that holds the place of one role (role_unit.h) say to each other:
// records over one SEQPACKET connection, read as hostile input.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

/// Where cordond listens for units, below the run directory.
constexpr const char* kRoleUnitSocket = "/roles.sock";

/// First of all, by the unit. Both must be of one version.
struct UnitHello {
    std::string version;
    std::string program;  // "cordon-milter"
};
/// The answer when the unit is not wanted.
struct UnitRefusal {
    std::string reason;
};
/// Comes with a descriptor, which the next program gets under this number.
struct UnitDescriptor {
    int number = -1;
};
/// Start the program: with these arguments, and as whom when the unit is root.
struct UnitStart {
    std::vector<std::string> arguments;
    std::string user;
    std::string group;
};
struct UnitStarted {
    pid_t pid = -1;  // -1: it was not, `error` says why
    std::string error;
};
/// A process that was started has ended; a status of wait(2).
struct UnitEnded {
    pid_t pid = -1;
    int status = 0;
};

using UnitRecord =
    std::variant<UnitHello, UnitRefusal, UnitDescriptor, UnitStart, UnitStarted, UnitEnded>;

std::string to_record(const UnitRecord& record);
Result<UnitRecord> parse_unit_record(std::string_view bytes);

}  // namespace cordon
