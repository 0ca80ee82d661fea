// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "conf/base/text.h"
#include "quarantine/doctor/checks.h"

namespace cordon {

namespace {

std::string filter_line(const Configuration& c) {
    const auto& s = c.milter.socket;
    const auto socket =
        s.family == MilterSocket::Family::unix_domain ? "local:" + s.path : to_text(s);
    return fmt::format("INPUT_MAIL_FILTER(`cordon', `S={}, F=T, T=C:1m;S:1m;R:2m;E:5m')dnl",
                       socket);
}

}  // namespace

void check_sendmail(const Configuration& c, const SendmailConfig& sendmail, Findings& out) {
    const auto add = [&](Health health, const char* subject, const std::string& what,
                         const std::string& remedy = "") {
        out.push_back({health, std::string("sendmail: ") + subject, what, remedy});
    };
    const auto ours = std::find_if(
        sendmail.filters.begin(), sendmail.filters.end(),
        [&](const auto& filter) { return is_our_socket(c.milter.socket, filter.socket, {}); });
    if (ours == sendmail.filters.end())
        return add(Health::error, "milter",
                   "no filter has the socket " + to_text(c.milter.socket) + ": mail passes unseen",
                   "sendmail.mc: " + filter_line(c));
    const auto place = fmt::format("{}:{}", sendmail.path, ours->line);
    const auto listed = sendmail.options.find("inputmailfilters");
    const auto names = words(listed == sendmail.options.end() ? "" : listed->second);
    const auto position = std::find(names.begin(), names.end(), ours->name);
    if (position == names.end())
        add(Health::error, "milter", "the filter is defined but not in InputMailFilters",
            "sendmail.mc: " + filter_line(c) + " (not MAIL_FILTER)");
    else if (position != names.begin())
        add(Health::warning, "order", names.front() + " changes mail before Cordon sees it",
            "sendmail.mc: INPUT_MAIL_FILTER of Cordon first");
    else
        add(Health::good, "milter", "connected to " + to_text(c.milter.socket));
    if (ours->flags.find('T') == std::string::npos)
        add(Health::error, "default action",
            ours->flags.empty()
                ? "without F= mail passes unfiltered while Cordon is away"
                : "F=" + ours->flags + " refuses mail for good while Cordon is away",
            place + ": F=T");
    else
        add(Health::good, "default action", "tempfail while Cordon is away");
    const auto deadline = (c.milter.deadline.value.count() + 999) / 1000;
    const auto end = ours->timeouts.contains('E') ? ours->timeouts.at('E') : 300;
    if (end <= deadline)
        add(Health::error, "content timeout",
            fmt::format("E is {} s, but Cordon may take {} s (milter.deadline)", end, deadline),
            fmt::format("{}: T=C:1m;S:1m;R:2m;E:{}s", place, 2 * deadline));
    else
        add(Health::good, "content timeout", fmt::format("{} s", end));
    const auto limit = sendmail.options.find("maxmessagesize");
    const auto bytes =
        limit == sendmail.options.end() ? std::nullopt : parse_unsigned(limit->second);
    if (!bytes || *bytes == 0 || *bytes > c.milter.max_message_size.value)
        add(Health::warning, "message size",
            "no limit within milter.max-message-size: larger mail is judged on its first part",
            fmt::format("sendmail.mc: define(`confMAX_MESSAGE_SIZE', `{}')dnl",
                        c.milter.max_message_size.value));
}

}  // namespace cordon
