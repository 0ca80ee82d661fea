// SPDX-License-Identifier: GPL-2.0-only
// Directories and the lock that cordond needs before it starts the roles.
#pragma once

#include "conf/base/file_descriptor.h"
#include "conf/configuration.h"

namespace cordon {

/// Makes run and state directories and the folder of a unix milter socket, owned by the configured
/// user when we are root; takes the lock that keeps a second cordond off. The lock file holds our
/// pid.
Result<UniqueFd> prepare_directories(const Configuration& configuration);

/// The classifier's table, made here so that the pools need not wait for the keeper, which alone
/// writes it.
Result<void> make_live_table(const Configuration& configuration);
/// For readers; none for a pool that does not read it.
UniqueFd weights_for(const std::string& pool, const Configuration& configuration);

/// As root: makes `path` belong to the configured user.
Result<void> give_to_user(const std::string& path, const Configuration& configuration);

}  // namespace cordon
