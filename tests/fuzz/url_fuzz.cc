// SPDX-License-Identifier: GPL-2.0-only
// parse_url, resolve_url, find_urls and defang: no crash, hosts that DNS can be asked for, one
// printable line without a clickable link.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/message/url.h"
#include "scoring/message/url_domain.h"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check(const cordon::Url& url) {
    constexpr std::string_view kNever("\0 \t\r\n/\\?#@%", 11);
    require(url.host.find_first_of(kNever) == std::string::npos);
    require(std::all_of(url.host_ascii.begin(), url.host_ascii.end(),
                        [](char c) { return c > ' ' && c < '\x7F'; }));
    require(url.host.empty() == url.host_ascii.empty());
    require(!url.odd_ip || url.host_is_ip);
    cordon::registered_domain(url.host);
    cordon::unicode_host(url.host_ascii);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kLimit = 20;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto url = cordon::parse_url(text);
    check(url);
    const auto half = text.substr(0, size / 2);
    check(cordon::resolve_url(cordon::parse_url(half), text.substr(size / 2)));
    const auto found = cordon::find_urls(text, kLimit);
    require(found.size() <= kLimit);
    for (const auto& each : found) {
        check(each);
        require(!each.raw.empty() && !each.scheme.empty());
    }
    const auto safe = cordon::defang(text);
    require(std::all_of(safe.begin(), safe.end(), [](char c) { return c < '\0' || c >= ' '; }));
    require(safe.find("http://") == std::string::npos && safe.size() <= 410);
    return 0;
}
