// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/server_url.h"

#include <fmt/format.h>

#include "conf/base/text.h"

namespace cordon {

Result<ServerUrl> parse_server_url(std::string_view text) {
    const auto wrong = [text] {
        return fail(
            fmt::format("'{}' is no URL of the form scheme://host:port", printable(text, 100)));
    };
    const auto scheme_end = text.find("://");
    if (scheme_end == 0 || scheme_end == std::string_view::npos) return wrong();
    ServerUrl out;
    out.scheme = lower(text.substr(0, scheme_end));
    auto rest = text.substr(scheme_end + 3);
    if (rest.ends_with('/')) rest.remove_suffix(1);
    std::string_view port;
    if (rest.starts_with('[')) {
        const auto bracket = rest.find(']');
        if (bracket == std::string_view::npos) return wrong();
        out.host = rest.substr(1, bracket - 1);
        port = rest.substr(bracket + 1);
    } else {
        const auto colon = rest.find(':');
        out.host = rest.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view() : rest.substr(colon);
    }
    if (out.host.empty() || out.host.find_first_of("/@ ") != std::string::npos) return wrong();
    if (port.empty()) return out;
    const auto number = port.starts_with(':') ? parse_unsigned(port.substr(1)) : std::nullopt;
    if (!number || *number == 0 || *number > 65535) return wrong();
    out.port = static_cast<std::uint16_t>(*number);
    return out;
}

}  // namespace cordon
