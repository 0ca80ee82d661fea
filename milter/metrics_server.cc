// SPDX-License-Identifier: GPL-2.0-only
#include "milter/metrics_server.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "conf/base/ipc.h"
#include "conf/base/text.h"
#include "milter/listener.h"

namespace cordon {

namespace {

constexpr Milliseconds kClientTime(200);
constexpr std::size_t kMaxRequestBytes = 2048;

/// The first bytes of a request; empty when none come in time.
std::string read_request(int client) {
    std::string out;
    const auto deadline = Deadline::in(kClientTime);
    while (out.find("\r\n\r\n") == std::string::npos && out.size() < kMaxRequestBytes) {
        if (!wait_readable(client, deadline)) break;
        std::array<char, 1024> bytes{};
        const auto n = ::recv(client, bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (n <= 0) break;
        out.append(bytes.data(), static_cast<std::size_t>(n));
    }
    return out;
}

void send_all(int client, std::string_view bytes) {
    const auto deadline = Deadline::in(kClientTime);
    while (!bytes.empty() && !deadline.is_over()) {
        const auto n = ::send(client, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
            continue;
        }
        pollfd entry{client, POLLOUT, 0};
        if (n == 0 || errno != EAGAIN || ::poll(&entry, 1, deadline.poll_timeout()) <= 0) return;
    }
}

Result<UniqueFd> listen_on_loopback(const Configuration& configuration) {
    const auto& text = configuration.milter.metrics;
    const auto place = parse_value<MilterSocket>(text);  // loopback: the loader has seen to it
    if (!place) return tl::unexpected(place.error());
    const auto address = address_of(*place);
    UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
        ::listen(fd.get(), 16) != 0)
        return fail_errno("milter.metrics = " + text);
    return fd;
}

std::string answer_to(std::string_view request, const Metrics& metrics) {
    const bool is_get = request.starts_with("GET /metrics") || request.starts_with("GET / ");
    const std::string body = is_get ? metrics.text() : "see /metrics\n";
    return fmt::format(
        "HTTP/1.0 {}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
        "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
        is_get ? "200 OK" : "404 Not Found", body.size(), body);
}

}  // namespace

Result<UniqueFd> open_metrics_listener(const Configuration& configuration) {
    if (!configuration.milter.metrics.empty()) return listen_on_loopback(configuration);
    const auto path = configuration.socket_path("metrics");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return fail(path + ": the path of the run directory is too long");
    std::memcpy(address.sun_path, path.data(), path.size());
    ::unlink(path.c_str());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd.get(), 16) != 0)
        return fail_errno("metrics at " + path);
    // Who may walk to it may read: figures, not mail. The folder decides.
    if (::chmod(path.c_str(), 0666) != 0) return fail_errno(path);
    return fd;
}

void serve_metrics(int listener, const Metrics& metrics) {
    const UniqueFd client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) send_all(client.get(), answer_to(read_request(client.get()), metrics));
}

}  // namespace cordon
