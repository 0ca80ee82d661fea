// SPDX-License-Identifier: GPL-2.0-only
// URLs (RFC 3986, read as the WHATWG URL standard has browsers read them) and finding them in text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cordon {

struct Url {
    std::string raw;     // as written (entities and line breaks already undone)
    std::string scheme;  // lower case; "http" for a bare www.example.org in text
    std::string user;    // what stands before @ in the authority
    std::string host;    // lower case, percent-decoded, IP spellings (hex, octal, dword) normalised
    std::uint16_t port = 0;  // 0: the scheme's own
    std::string path;        // with the query and fragment, as written
    bool host_is_ip = false;
    bool odd_ip = false;    // an IPv4 address not written as four decimal numbers
    bool bad_host = false;  // no browser opens it: host is empty or the port is no number
    bool bare = false;  // found in text without a scheme: example.org/x, 192.0.2.1, a@example.org
    std::string host_ascii;  // host with its labels in punycode, as DNS knows it
};

enum class LinkSource : std::uint8_t {
    text,
    anchor,
    image,
    form,
    refresh,
    base,
    frame,
    style,
    other,
    file,    // in an attached PDF or invitation
    qr_code  // in a picture, also in that of a PDF
};

struct Link {
    Url url;
    LinkSource source = LinkSource::text;
    std::string shown;  // the text between <a> and </a>, UTF-8, blanks folded; empty for text links
    int part = -1;      // index into Message::parts()
    bool hidden = false;  // begins where style or attributes hide it
};

/// A URL as written in an attribute; an unknown scheme (javascript:, data:, mailto:, cid:) is kept
/// with an empty host. Members are cut at kUrlBytes, after the whole of it has been read.
Url parse_url(std::string_view raw);
inline constexpr std::size_t kUrlBytes = 8192;

/// What `relative` means below `base` (<base href>); one with a scheme of its own stands for
/// itself.
Url resolve_url(const Url& base, std::string_view relative);

/// The URLs that mail clients would make clickable in plain text, at most `limit`. Bare mail
/// addresses come as mailto: and take at most half of the places.
std::vector<Url> find_urls(std::string_view text, std::size_t limit);

/// "hxxps://host[.]example/path": unclickable and readable, one printable line.
std::string defang(std::string_view url);

}  // namespace cordon
