// SPDX-License-Identifier: GPL-2.0-only
// `cordond --role NAME`: the process that a unit of systemd consists of besides its role's
// programs. It waits for cordond, starts that one program as often as it is told, with the
// descriptors that come along, and tells of each end. It reads no configuration. When cordond is
// gone it ends what it started, and waits for the next one.
#pragma once

#include <string>
#include <string_view>

namespace cordon {

/// The program of a role that has a unit: "milter" -> "cordon-milter"; empty for any other word.
std::string program_of_role(std::string_view role);

/// Returns at SIGTERM, or when cordond refuses the unit; the exit code.
int run_role_unit(const std::string& program, const std::string& run_directory);

}  // namespace cordon
