// SPDX-License-Identifier: GPL-2.0-only
#include "conf/store_url.h"

#include <fmt/format.h>
#include <sys/un.h>

#include "conf/base/server_url.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::uint64_t kMostDatabases = 65'536;

/// The number after the last slash of "redis://host:port/3", which is cut off.
Result<unsigned> take_database(std::string_view& text) {
    const auto slash = text.find('/', text.find("://") + 3);
    if (slash == std::string_view::npos) return 0U;
    const auto name = text.substr(slash + 1);
    text = text.substr(0, slash);
    if (name.empty()) return 0U;
    const auto number = parse_unsigned(name);
    if (!number || *number >= kMostDatabases)
        return fail(fmt::format("'{}' is no number of a database", printable(name, 40)));
    return static_cast<unsigned>(*number);
}

}  // namespace

Result<StoreUrl> parse_store_url(std::string_view text) {
    StoreUrl out;
    if (text == "local") return out;
    if (text.starts_with(kUnix)) {
        out.socket = text.substr(kUnix.size());
        if (!out.socket.starts_with('/') || out.socket.size() >= sizeof sockaddr_un::sun_path)
            return fail(fmt::format("'{}' is no absolute path of a socket", printable(text, 60)));
        return out;
    }
    if (!istarts_with(text, "redis://"))
        return fail(fmt::format("'{}' is neither local nor redis://HOST:PORT/DB nor unix:/PATH",
                                printable(text, 60)));
    const auto database = take_database(text);
    if (!database) return tl::unexpected(database.error());
    const auto url = parse_server_url(text);
    if (!url) return tl::unexpected(url.error());
    out.host = url->host;
    if (url->port != 0) out.port = url->port;
    out.database = *database;
    return out;
}

}  // namespace cordon
