// SPDX-License-Identifier: GPL-2.0-only
// Where what was learned is kept, as `learning.store` says it: "local", "redis://HOST:PORT/DB", or
// "unix:/PATH" for a server on this host.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "conf/base/result.h"

namespace cordon {

struct StoreUrl {
    std::string socket;  // path of a unix socket; else `host`
    std::string host;    // neither: this host keeps what it learns for itself
    std::uint16_t port = 6379;
    unsigned database = 0;

    bool is_shared() const { return !socket.empty() || !host.empty(); }
};
Result<StoreUrl> parse_store_url(std::string_view text);

}  // namespace cordon
