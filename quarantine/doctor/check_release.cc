// SPDX-License-Identifier: GPL-2.0-only
// The listener for released mail: loopback only, Cordon its one milter, nothing that rewrites.
#include <fmt/format.h>

#include <algorithm>

#include "conf/base/text.h"
#include "quarantine/doctor/checks.h"

namespace cordon {

namespace {

struct Endpoint {
    std::string host;
    std::string port;
};

std::optional<Endpoint> release_endpoint(const std::string& url) {
    const auto scheme = url.find("://");
    auto rest = std::string_view(url).substr(scheme == std::string::npos ? 0 : scheme + 3);
    rest = rest.substr(0, rest.find('/'));
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos || !parse_unsigned(rest.substr(colon + 1)))
        return std::nullopt;
    return Endpoint{std::string(rest.substr(0, colon)), std::string(rest.substr(colon + 1))};
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host.starts_with("127.") || host == "[::1]" || host == "::1";
}

const PostfixService* service_at(const PostfixConfig& postfix, const Endpoint& endpoint) {
    const auto found =
        std::find_if(postfix.services.begin(), postfix.services.end(), [&](const auto& service) {
            return service.type == "inet" && service.command == "smtpd" &&
                   (service.name == endpoint.port || service.name.ends_with(":" + endpoint.port));
        });
    return found == postfix.services.end() ? nullptr : &*found;
}

}  // namespace

void check_release(const Configuration& c, const PostfixConfig& postfix, Findings& out) {
    if (c.quarantine.release_via.empty()) return;
    const auto add = [&](Health health, const std::string& what, const std::string& remedy = "") {
        out.push_back({health, "release listener", what, remedy});
    };
    const auto endpoint = release_endpoint(c.quarantine.release_via);
    if (!endpoint)
        return add(Health::error, c.quarantine.release_via + " names no host and port",
                   "[quarantine] release-via = smtp://127.0.0.1:10035");
    if (!is_loopback(endpoint->host)) return;  // another host's master.cf
    const auto* const service = service_at(postfix, *endpoint);
    const auto master = postfix.directory + "/master.cf";
    if (service == nullptr)
        return add(Health::error, "no smtpd listens at port " + endpoint->port,
                   fmt::format("{}: 127.0.0.1:{} inet n - n - - smtpd -o … (docs/postfix.md)",
                               master, endpoint->port));
    const auto place = fmt::format("{}:{}", master, service->line);
    if (!service->name.starts_with("127.") && !service->name.starts_with("localhost:") &&
        !service->name.starts_with("[::1]:"))
        add(Health::error, "it listens beyond loopback: anybody could send through it",
            fmt::format("{}: 127.0.0.1:{} inet …", place, endpoint->port));
    const auto root = postfix.value("queue_directory", "/var/spool/postfix");
    const auto milters = parse_milters(postfix.value("smtpd_milters", "", service));
    if (milters.size() != 1 ||
        !is_our_socket(c.milter.socket, milters.front().socket, {root, service->is_chrooted}))
        add(Health::error,
            "its only milter must be Cordon: it lets a release pass, others may sign",
            place + ": -o smtpd_milters=<Cordon's socket alone>");
    if (!postfix.value("local_header_rewrite_clients", "permit_inet_interfaces", service).empty())
        add(Health::error, "header fields of released mail are rewritten, which breaks signatures",
            place + ": -o local_header_rewrite_clients=");
    const bool has_checks =
        !postfix.value("header_checks", "").empty() || !postfix.value("body_checks", "").empty();
    const auto overrides = postfix.value("receive_override_options", "", service);
    if (has_checks && overrides.find("no_header_body_checks") == std::string::npos)
        add(Health::warning, "header_checks and body_checks apply to released mail",
            place + ": -o receive_override_options=no_header_body_checks");
    if (!postfix.value("content_filter", "", service).empty())
        add(Health::warning, "released mail passes content_filter again",
            place + ": -o content_filter=");
    if (out.empty() || out.back().subject != "release listener")
        add(Health::good, fmt::format("port {}, Cordon its only milter", endpoint->port));
}

}  // namespace cordon
