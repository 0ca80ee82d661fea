// SPDX-License-Identifier: GPL-2.0-only
// The listener that all milter processes share: opened once by libmilter, then finished by us.
#pragma once

#include <sys/socket.h>

#include "conf/base/file_descriptor.h"
#include "conf/base/result.h"
#include "conf/configuration.h"

namespace cordon {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};
SocketAddress address_of(const MilterSocket& socket);

/// Refuses a socket with a live owner; binds a unix socket under a temporary name, sets group and
/// mode and renames it (so that no libmilter child unlinks it for all when it ends); sets
/// TCP_NODELAY (else every message with a modification waits 44 ms). Gives the descriptor, which
/// libmilter owns.
Result<int> open_listener(const MilterOptions& options);

/// Connects and closes: a blocked accept returns, and libmilter notices that it shall stop.
/// True when something answered.
bool touch_listener(const MilterSocket& socket);

/// Removes the name of a unix socket at the end.
void remove_listener(const MilterSocket& socket);

}  // namespace cordon
