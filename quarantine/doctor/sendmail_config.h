// SPDX-License-Identifier: GPL-2.0-only
// What sendmail.cf says of milters. Lines `Xname, S=…, F=…, T=…` and `O Option=value`; bounded.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

struct SendmailFilter {
    std::string name;
    std::string socket;                     // S=
    std::string flags;                      // F=
    std::map<char, std::int64_t> timeouts;  // T=, in seconds
    unsigned line = 0;
};

/// A listener: O DaemonPortOptions=Name=…, Addr=…, Port=…
struct SendmailDaemon {
    std::map<char, std::string> fields;  // by their first letter, as Sendmail reads them
    unsigned line = 0;

    std::string field(char letter) const;
};

struct SendmailConfig {
    std::string path;
    std::vector<SendmailDaemon> daemons;
    std::vector<SendmailFilter> filters;
    std::map<std::string, std::string, std::less<>> options;  // names in lower case

    static Result<SendmailConfig> read(const std::string& path);
    static SendmailConfig parse(std::string_view text, const std::string& path);
};

}  // namespace cordon
