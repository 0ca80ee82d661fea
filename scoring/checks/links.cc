// SPDX-License-Identifier: GPL-2.0-only
// Where links lead, against what they show and how honest people write them.
#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/analysis/content_type.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/checks/check.h"
#include "scoring/message/url_domain.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"LINK_SHOWS_OTHER_HOST", 0.0, "A link shows one domain and leads to another"},
    CheckRule{"LINK_IP_HOST", 0.8, "A link leads to a bare IP address"},
    CheckRule{"LINK_ODD_IP", 2.5, "A link leads to an IP address in an odd spelling"},
    CheckRule{"LINK_USER", 2.1, "A link has a user name before its host"},
    CheckRule{"LINK_PUNYCODE", 0.6, "A link leads to a host name outside ASCII"},
    CheckRule{"LINK_PORT", 0.0, "A link leads to an unusual port"},
    CheckRule{"LINK_TO_PROGRAM", 2.5, "A link loads a program or script"},
    CheckRule{"LINK_DATA", 0.2, "A link carries its page inside itself (data: or javascript:)"},
    CheckRule{"LINK_SHORTENER", 0.0, "A link hides its destination behind a short link"},
    CheckRule{"LINK_FREE_HOSTING", 1.5, "A link leads to a page on free hosting"},
    CheckRule{"LINK_HOLDS_RECIPIENT", 0.0, "A link carries the recipient's address"},
    CheckRule{"LINK_LONG_HOST", 1.0, "A link's host name is long and has many labels"},
};

bool is_clickable(const Link& link) {
    return link.source == LinkSource::anchor || link.source == LinkSource::text ||
           link.source == LinkSource::form || link.source == LinkSource::file ||
           link.source == LinkSource::qr_code;
}

bool is_private(std::string_view host) {
    return host.starts_with("10.") || host.starts_with("127.") || host.starts_with("192.168.") ||
           host == "::1" || host == "[::1]";
}

/// The host that the text of a link names, if it is nothing else: "www.example.org/login".
std::string shown_host(std::string_view shown) {
    shown = trim(shown);
    const bool has_scheme = shown.find("://") != std::string_view::npos;
    if (shown.find(' ') != std::string_view::npos || shown.find('@') != std::string_view::npos)
        return {};
    if (!has_scheme && !istarts_with(shown, "www.")) return {};
    const std::string host =
        parse_url(has_scheme ? std::string(shown) : "http://" + std::string(shown)).host;
    return registered_domain(host).empty() ? std::string() : host;
}

void check_shown(const Link& link, Hits& hits) {
    if (link.source != LinkSource::anchor || is_link_rewriter(link.url.host)) return;
    const std::string shown = shown_host(link.shown);
    if (shown.empty() || owner_of(shown) == owner_of(link.url.host)) return;
    hits.add("LINK_SHOWS_OTHER_HOST", "shows " + shown + ", leads to " + link.url.host);
}

void check_host(const Url& url, Hits& hits) {
    if (url.odd_ip) hits.add("LINK_ODD_IP", url.raw);
    if (url.host_is_ip && !is_private(url.host)) hits.add("LINK_IP_HOST", url.raw);
    const bool is_ascii = std::none_of(url.host.begin(), url.host.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80;
    });
    if (!is_ascii || icontains(url.host, "xn--")) hits.add("LINK_PUNYCODE", url.host);
    const auto labels = std::count(url.host.begin(), url.host.end(), '.');
    if (!url.host_is_ip && url.host.size() > 60 && labels > 3) hits.add("LINK_LONG_HOST", url.host);
}

std::string_view path_without_query(const Url& url) {
    const std::string_view path = url.path;
    return path.substr(0, path.find_first_of("?#"));
}

bool leads_to_program(const Url& url) {
    const auto extension = extension_of(path_without_query(url));
    const auto kind = kind_of_extension(extension);
    if (iequals(extension, "com") || iequals(extension, "url") || iequals(extension, "js"))
        return false;
    return kind == ContentKind::program || kind == ContentKind::script ||
           kind == ContentKind::disk_image || kind == ContentKind::shortcut;
}

void check_address(const Url& url, Hits& hits) {
    // A password is no reason to look twice at ssh:// or git:// links.
    if (!url.user.empty() && url.scheme.starts_with("http")) hits.add("LINK_USER", url.raw);
    constexpr std::array<unsigned, 4> kUsualPorts = {0, 80, 443, 8080};
    if (std::find(kUsualPorts.begin(), kUsualPorts.end(), url.port) == kUsualPorts.end() &&
        url.scheme.starts_with("http")) {
        hits.add("LINK_PORT", url.raw);
    }
    if (leads_to_program(url)) hits.add("LINK_TO_PROGRAM", url.raw);
    if (is_link_shortener(url.host) && url.path.size() > 1) hits.add("LINK_SHORTENER", url.raw);
    if (is_free_hosting(url.host)) hits.add("LINK_FREE_HOSTING", url.host);
}

void check_recipient(const Link& link, const CheckInput& input, Hits& hits) {
    const auto& path = link.url.path;
    for (const auto& recipient : input.envelope.recipients) {
        if (recipient.size() < 6 || recipient.find('@') == std::string::npos) continue;
        const bool is_listed =
            icontains(path, recipient) || path.find(to_base64(recipient).substr(
                                              0, recipient.size() * 4 / 3)) != std::string::npos;
        if (is_listed) return hits.add("LINK_HOLDS_RECIPIENT", link.url.raw);
    }
}

void run(const CheckInput& input, Hits& hits) {
    for (const auto& link : input.message.links()) {
        if (!is_clickable(link)) continue;
        if (link.url.scheme == "data" || link.url.scheme == "javascript")
            hits.add("LINK_DATA", link.url.raw);
        if (link.url.host.empty()) continue;
        check_shown(link, hits);
        check_host(link.url, hits);
        check_address(link.url, hits);
        check_recipient(link, input, hits);
    }
}

}  // namespace

extern const Check check_links;
const Check check_links = {"links", kRules, run};

}  // namespace cordon
