// SPDX-License-Identifier: GPL-2.0-only
// The host of a URL, read as the WHATWG URL standard (section 3.5) has browsers read it: percent
// signs decoded, Unicode mapped by UTS 46, every spelling of an IPv4 address recognised.
#pragma once

#include <string>
#include <string_view>

namespace cordon {

struct UrlHost {
    std::string name;   // lower-case UTF-8 or an IP address; empty when no browser accepts it
    std::string ascii;  // the same with its labels in punycode
    bool is_ip = false;
    bool odd_ip = false;
    bool is_bad = false;
};

/// `written` is what stands between the user and the port, an IPv6 address with its brackets.
UrlHost parse_url_host(std::string_view written);

/// %41 -> A; anything else stays as it is.
std::string percent_decoded(std::string_view text);

}  // namespace cordon
