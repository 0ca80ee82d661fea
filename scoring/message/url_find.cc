// SPDX-License-Identifier: GPL-2.0-only
// What mail clients make clickable in plain text: scheme://..., www. names, //host, bare names and
// addresses below a known top-level domain, <...> broken over lines (RFC 3986, appendix C).
// Linear: each byte is looked at a bounded number of times.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "conf/base/text.h"
#include "scoring/message/url.h"
#include "scoring/message/url_domain.h"
#include "scoring/message/url_text.h"

namespace cordon {
namespace {

constexpr std::size_t kWrappedBytes = 2048;

class Finder {
 public:
    Finder(std::string_view text, std::size_t limit) : text_(text), path_(text), limit_(limit) {}
    std::vector<Url> run() &&;

 private:
    std::size_t wrapped(std::size_t start);
    std::size_t word(std::size_t start);
    std::size_t with_scheme(std::size_t start, std::size_t colon);
    std::size_t with_neutral_slashes(std::size_t start);
    std::size_t mail_address(std::size_t start, std::size_t at, bool is_explicit);
    std::size_t bare(std::size_t start, std::size_t end);
    std::size_t add(std::size_t start, std::size_t end, std::string_view prefix, bool is_bare);
    bool starts_at(std::size_t at, std::string_view prefix) const {
        return at < text_.size() && ascii_lower(text_[at]) == ascii_lower(prefix.front()) &&
               istarts_with(text_.substr(at), prefix);
    }
    bool follows_any(std::size_t at, std::string_view set) const {
        return at > 0 && set.find(text_[at - 1]) != std::string_view::npos;
    }

    std::string_view text_;
    UrlPath path_;
    std::size_t limit_;
    std::size_t addresses_ = 0;
    std::vector<Url> urls_;
};

std::vector<Url> Finder::run() && {
    std::size_t at = 0;
    while (at < text_.size() && urls_.size() < limit_) {
        const char c = text_[at];
        if (c == '<') {
            at = wrapped(at);
        } else if (c == '/' && starts_at(at, "//")) {
            at = with_neutral_slashes(at);
        } else if (const auto size = name_character(text_, at); size != 0) {
            at = word(at);
        } else {
            at += character_size(text_, at);
        }
    }
    return std::move(urls_);
}

std::size_t Finder::add(std::size_t start, std::size_t end, std::string_view prefix, bool is_bare) {
    const auto raw = text_.substr(start, end - start);
    Url url = prefix.empty() ? parse_url(raw) : parse_url(std::string(prefix).append(raw));
    if (!prefix.empty()) url.raw = utf8_prefix(raw, kUrlBytes);
    url.bare = is_bare;
    urls_.push_back(std::move(url));
    return end;
}

/// <http://example.org/a\nb> and <URL:http://...>; anything else but a link in brackets is left to
/// the rest of the scanner.
std::size_t Finder::wrapped(std::size_t start) {
    const auto inner_start = start + (starts_at(start + 1, "URL:") ? 5 : 1);
    const auto ahead = text_.substr(inner_start, kWrappedBytes);
    if (!istarts_with(ahead, "http://") && !istarts_with(ahead, "https://") &&
        !istarts_with(ahead, "ftp://")) {
        return start + 1;
    }
    const auto end = ahead.find_first_of("<>");
    if (end == std::string_view::npos || ahead[end] == '<') return start + 1;
    std::string joined;
    bool is_line_start = false;
    for (const char c : ahead.substr(0, end)) {
        if (c == '\r' || c == '\n') {
            is_line_start = true;
            continue;
        }
        if (is_blank(c) && is_line_start) continue;
        if (is_blank(c) || c == '"') return start + 1;
        is_line_start = false;
        joined += c;
    }
    urls_.push_back(parse_url(joined));
    return inner_start + end + 1;
}

/// A run of name characters: perhaps a scheme, the local part of an address or a bare host.
std::size_t Finder::word(std::size_t start) {
    const auto end = name_run_end(text_, start);
    const auto run = text_.substr(start, end - start);
    if (starts_at(end, "://")) {
        const auto scheme = link_scheme_size(run);
        return scheme == 0 ? end + 3 : with_scheme(end - scheme, end);
    }
    if (starts_at(end, ":") && run.size() >= 6 && iequals(run.substr(run.size() - 6), "mailto")) {
        const auto at = name_run_end(text_, end + 1);
        return starts_at(at, "@") ? mail_address(end - 6, at, true) : end + 1;
    }
    if (starts_at(end, "@")) return mail_address(start, end, false);
    // Without a full stop it is neither a name nor an address; most words are done here.
    if (run.find('.') == std::string_view::npos) return end;
    const auto www = www_position(run);
    if (www != std::string_view::npos) return bare(start + www, end);
    // A name in the middle of a path, an address or a word is none.
    return follows_any(start, ".:/-_@\\") ? end : bare(start, end);
}

std::size_t Finder::with_scheme(std::size_t start, std::size_t colon) {
    const auto authority = colon + 3;
    const auto end = authority_end(text_, authority);
    return end == authority ? authority : add(start, path_.end_of(end), {}, false);
}

std::size_t Finder::with_neutral_slashes(std::size_t start) {
    const auto authority = start + 2;
    if (follows_any(start, ":/\\") || (start > 0 && is_word_byte(text_[start - 1])))
        return authority;
    const auto end = authority_end(text_, authority);
    const auto host = text_.substr(authority, end - authority);
    const bool is_host =
        host.find('.') != std::string_view::npos || istarts_with(host, "localhost");
    if (end == authority || !is_host) return authority;
    return add(start, path_.end_of(end), {}, true);
}

std::size_t Finder::mail_address(std::size_t start, std::size_t at, bool is_explicit) {
    const auto end = host_end(text_, at + 1);
    const auto host = text_.substr(at + 1, end - at - 1);
    while (!is_explicit && start < at && (text_[start] == '.' || text_[start] == '-')) ++start;
    const bool is_host = is_explicit ? !host.empty() : is_public_name(host);
    if (start == at || !is_host) return at + 1;
    if (is_explicit) return add(start, path_.end_of(end), {}, false);
    if (++addresses_ > limit_ / 2) return end;
    return add(start, end, "mailto:", true);
}

std::size_t Finder::bare(std::size_t start, std::size_t end) {
    const auto name_end = host_end(text_, start);
    const auto name = text_.substr(start, name_end - start);
    const bool is_www = istarts_with(name, "www.") && name.size() > 4;
    const auto after = port_end(text_, name_end);
    // "example.org@" or "example.org_x" is something else.
    const bool is_cut = after == name_end && name_end < end && text_[name_end] != '.';
    const bool is_sure = is_www || is_ipv4(name);
    // What is no host has no path: to look for its end behind every word would take forever.
    if (is_cut || (!is_sure && !is_public_name(name))) return std::max(end, start + 1);
    const auto url_end = path_.end_of(after);
    if (!is_sure && url_end == name_end && is_everyday_word(name)) return std::max(end, start + 1);
    return std::max(end, add(start, url_end, "http://", true));
}

}  // namespace

std::vector<Url> find_urls(std::string_view text, std::size_t limit) {
    return Finder(text, limit).run();
}

}  // namespace cordon
