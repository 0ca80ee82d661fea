// SPDX-License-Identifier: GPL-2.0-only
// Where a server is: imaps://imap.example.org:993.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "conf/base/result.h"

namespace cordon {

/// "scheme://host:port", the port optional, an IPv6 address in brackets.
struct ServerUrl {
    std::string scheme;  // lower case
    std::string host;    // without brackets
    std::uint16_t port = 0;
};
Result<ServerUrl> parse_server_url(std::string_view text);

}  // namespace cordon
