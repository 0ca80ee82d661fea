// SPDX-License-Identifier: GPL-2.0-only
// Postfix's main.cf and master.cf (postconf(5), master(5)) as far as a milter depends on them. A
// bounded reader of our own: it needs no Postfix on the machine and starts nothing.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

struct PostfixService {
    std::string name;  // "smtp", "127.0.0.1:10025", "submission"
    std::string type;  // inet, unix, …
    bool is_chrooted = false;
    std::string command;                                        // "smtpd"
    std::map<std::string, std::string, std::less<>> overrides;  // -o NAME=VALUE
    unsigned line = 0;
};

struct PostfixMilter {
    std::string socket;                                          // "unix:cordon/milter.sock"
    std::map<std::string, std::string, std::less<>> attributes;  // default_action=…, in braces
};

struct PostfixConfig {
    std::string directory;
    std::map<std::string, std::string, std::less<>> parameters;
    std::map<std::string, unsigned, std::less<>> lines;  // where main.cf sets them
    std::vector<PostfixService> services;

    static Result<PostfixConfig> read(const std::string& directory);

    /// The value that counts for a service (null: for all), $names replaced; `fallback` where
    /// nothing is set.
    std::string value(std::string_view name, std::string_view fallback,
                      const PostfixService* service = nullptr) const;
    bool is_set(std::string_view name, const PostfixService* service = nullptr) const;
    /// "/etc/postfix/main.cf:12" or, where nothing sets it, "/etc/postfix/main.cf".
    std::string place(std::string_view name) const;

 private:
    std::string value_of(std::string_view name, const PostfixService* service, int& budget) const;
    std::string expand(const std::string& text, const PostfixService* service, int& budget) const;
};

/// smtpd_milters and its like: "unix:a, { inet:h:1, default_action=accept }".
std::vector<PostfixMilter> parse_milters(std::string_view text);

/// Seconds of a time as Postfix writes it: "30s", "5m", "1h", "30"; `fallback` when it is none.
std::int64_t postfix_seconds(std::string_view text, std::int64_t fallback);

/// Logical lines of main.cf and master.cf, with the number of their first line.
std::vector<std::pair<unsigned, std::string>> postfix_lines(std::string_view text);
Result<PostfixService> parse_service(std::string_view line);

}  // namespace cordon
