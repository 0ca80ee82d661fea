// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/url.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/message/url_bytes.h"
#include "scoring/message/url_host.h"

namespace cordon {
namespace {

constexpr std::string_view kSlashes = "/\\";
constexpr ByteSet kLineBreaks("\t\r\n");
constexpr ByteSet kAuthorityEnds("/\\?#");

std::string cut(std::string_view text) {
    return std::string(utf8_prefix(text, kUrlBytes));
}

/// Without the control characters and blanks at both ends, and without any tab or line break.
std::string_view cleaned(std::string_view raw, std::string& buffer) {
    const auto is_edge = [](char c) { return c >= '\0' && c <= ' '; };
    while (!raw.empty() && is_edge(raw.front())) raw.remove_prefix(1);
    while (!raw.empty() && is_edge(raw.back())) raw.remove_suffix(1);
    const auto has = [raw](char c) { return raw.find(c) != std::string_view::npos; };
    if (!has('\n') && !has('\t') && !has('\r')) return raw;
    buffer.reserve(raw.size());
    for (const char c : raw) {
        if (!kLineBreaks.has(c)) buffer += c;
    }
    return buffer;
}

/// The length of "scheme" in "scheme:...", 0 without one.
std::size_t scheme_size(std::string_view text) {
    if (text.empty() || !is_alpha(text.front())) return 0;
    const auto is_scheme = [](char c) {
        return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    };
    const auto end = std::find_if_not(text.begin(), text.end(), is_scheme);
    return end != text.end() && *end == ':' ? static_cast<std::size_t>(end - text.begin()) : 0;
}

bool has_authority(std::string_view scheme) {
    constexpr std::array<std::string_view, 6> kSchemes = {"http", "https", "ftp",
                                                          "ws",   "wss",   "file"};
    return std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
}

void read_port(std::string_view digits, Url& url) {
    if (digits.empty()) return;
    const auto port = parse_unsigned(digits);
    if (port && *port <= 65535) {
        url.port = static_cast<std::uint16_t>(*port);
    } else {
        url.bad_host = true;
    }
}

/// user@host:port, the last @ being the one that counts.
void read_authority(std::string_view authority, Url& url) {
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        url.user = cut(authority.substr(0, at));
        authority.remove_prefix(at + 1);
    }
    const auto bracket = authority.rfind(']');
    const auto colon = authority.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        read_port(authority.substr(colon + 1), url);
        authority = authority.substr(0, colon);
    }
    auto host = parse_url_host(authority);
    url.bad_host = url.bad_host || host.is_bad || (authority.empty() && url.scheme != "file");
    url.host = std::move(host.name);
    url.host_ascii = std::move(host.ascii);
    url.host_is_ip = host.is_ip;
    url.odd_ip = host.odd_ip;
}

/// What follows "http:", with any number of slashes of either kind.
void read_hierarchy(std::string_view rest, Url& url) {
    const auto start = std::min(rest.find_first_not_of(kSlashes), rest.size());
    // file:///etc/motd has no host; file://host/share and file://///host/share do.
    if (url.scheme == "file" && start != 2 && start < 4) {
        url.path = cut(rest);
        return;
    }
    rest.remove_prefix(start);
    const auto end = kAuthorityEnds.find_in(rest);
    read_authority(rest.substr(0, end), url);
    url.path = cut(rest.substr(end));
}

void read_without_scheme(std::string_view text, Url& url) {
    const auto is_slash = [](char c) { return kSlashes.find(c) != std::string_view::npos; };
    if (text.size() >= 2 && is_slash(text[0]) && is_slash(text[1])) {
        url.scheme = text[0] == '\\' && text[1] == '\\' ? "file" : "http";  // \\host\share is SMB
        read_hierarchy(text, url);
    } else if (istarts_with(text, "www.")) {
        url.scheme = "http";
        read_hierarchy(text, url);
    } else {
        url.path = cut(text);
    }
}

std::string origin_of(const Url& base) {
    std::string out = base.scheme + "://";
    if (!base.user.empty()) out += base.user + '@';
    out += base.host.find(':') == std::string::npos ? base.host : '[' + base.host + ']';
    if (base.port != 0) out += ':' + std::to_string(base.port);
    return out;
}

/// The base's own path, up to where `relative` takes over.
std::string_view kept_path(std::string_view path, char first) {
    if (first == '#') return path.substr(0, path.find('#'));
    path = path.substr(0, path.find_first_of("?#"));
    if (first == '?') return path;
    const auto slash = path.find_last_of(kSlashes);
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
}

std::size_t full_stop_size(std::string_view text) {
    for (const std::string_view stop : {".", "\u3002", "\uFF0E", "\uFF61"}) {
        if (text.starts_with(stop)) return stop.size();
    }
    return 0;
}

}  // namespace

Url parse_url(std::string_view raw) {
    std::string buffer;
    const auto text = cleaned(raw, buffer);
    Url url;
    url.raw = cut(text);
    const auto size = scheme_size(text);
    if (size == 0) {
        read_without_scheme(text, url);
        return url;
    }
    url.scheme = lower(text.substr(0, std::min(size, kUrlBytes)));
    const auto rest = text.substr(size + 1);
    if (has_authority(url.scheme)) {
        read_hierarchy(rest, url);
    } else {
        url.path = cut(rest);
    }
    return url;
}

Url resolve_url(const Url& base, std::string_view relative) {
    std::string buffer;
    const auto text = cleaned(relative, buffer);
    if (scheme_size(text) != 0 || base.host.empty() || !has_authority(base.scheme)) {
        return parse_url(text);
    }
    const bool is_slash = !text.empty() && kSlashes.find(text[0]) != std::string_view::npos;
    std::string absolute;
    if (is_slash && text.size() >= 2 && kSlashes.find(text[1]) != std::string_view::npos) {
        absolute = base.scheme + ':';
    } else {
        absolute = origin_of(base);
        if (!is_slash) absolute += kept_path(base.path, text.empty() ? '#' : text[0]);
        // "http://example.org" + "page" needs the slash that the base left out.
        if (!is_slash && !text.empty() && text[0] != '#' && text[0] != '?' &&
            kept_path(base.path, text[0]).empty()) {
            absolute += '/';
        }
    }
    Url url = parse_url(absolute.append(text));
    url.raw = cut(text);
    return url;
}

std::string defang(std::string_view url) {
    constexpr std::size_t kShown = 400;
    url = utf8_prefix(url, kShown + 1);
    std::string out;
    if (const auto size = scheme_size(url); size != 0) {
        const auto scheme = lower(url.substr(0, size));
        url.remove_prefix(size + 1);
        out = scheme.starts_with("http") ? "hxxp" + scheme.substr(4) : scheme;
        out += has_authority(scheme) ? ":" : "[:]";
    }
    while (!url.empty()) {
        if (const auto stop = full_stop_size(url); stop != 0) {
            out += "[.]";
            url.remove_prefix(stop);
            continue;
        }
        out += url.starts_with("://") ? "[:]" : std::string(1, url.front());
        url.remove_prefix(1);
    }
    return printable(out, kShown);
}

}  // namespace cordon
