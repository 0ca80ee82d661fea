// SPDX-License-Identifier: GPL-2.0-only
// The listener of Sendmail for released mail: loopback only, Cordon its one filter.
#include <fmt/format.h>

#include <algorithm>

#include "conf/base/server_url.h"
#include "conf/base/text.h"
#include "quarantine/doctor/checks.h"

namespace cordon {

namespace {

bool is_loopback(std::string_view host) {
    return host == "localhost" || host.starts_with("127.") || host == "::1";
}

/// The name under which the filter with our socket is defined.
std::string filter_name(const Configuration& c, const SendmailConfig& sendmail) {
    const auto ours = std::find_if(
        sendmail.filters.begin(), sendmail.filters.end(),
        [&](const auto& filter) { return is_our_socket(c.milter.socket, filter.socket, {}); });
    return ours == sendmail.filters.end() ? "cordon" : ours->name;
}

}  // namespace

void check_sendmail_release(const Configuration& c, const SendmailConfig& sendmail, Findings& out) {
    const auto url = parse_server_url(c.quarantine.release_via);
    if (c.quarantine.release_via.empty() || !url || !is_loopback(url->host)) return;
    const auto port = std::to_string(url->port);
    const auto name = filter_name(c, sendmail);
    const auto wanted = fmt::format(
        "DAEMON_OPTIONS(`Name=Release, Addr=127.0.0.1, Port={}, M=E, InputMailFilters={}')dnl",
        port, name);
    const auto add = [&](Health health, const std::string& what, const std::string& remedy = "") {
        out.push_back({health, "release listener", what, remedy});
    };
    const auto found = std::find_if(sendmail.daemons.begin(), sendmail.daemons.end(),
                                    [&](const auto& daemon) { return daemon.field('P') == port; });
    if (found == sendmail.daemons.end())
        return add(Health::error, "no daemon listens at port " + port, "sendmail.mc: " + wanted);
    const auto place = fmt::format("{}:{}", sendmail.path, found->line);
    const bool is_open = !is_loopback(found->field('A'));
    const bool is_alone = found->field('I') == name;
    if (is_open)
        add(Health::error, "it listens beyond loopback: anybody could send through it",
            place + ": Addr=127.0.0.1");
    if (!is_alone)
        add(Health::error,
            "its only filter must be Cordon: it lets a release pass, others may sign",
            place + ": InputMailFilters=" + name);
    if (!is_open && is_alone)
        add(Health::good, fmt::format("port {}, Cordon its only filter", port));
}

}  // namespace cordon
