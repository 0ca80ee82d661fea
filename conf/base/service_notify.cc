// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/service_notify.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"

namespace cordon {

ServiceNotify ServiceNotify::from_environment() {
    const char* const socket = ::getenv("NOTIFY_SOCKET");
    const char* const watchdog = ::getenv("WATCHDOG_USEC");
    const char* const pid = ::getenv("WATCHDOG_PID");
    const bool is_for_us = pid == nullptr || parse_unsigned(pid) == ::getpid();
    const auto microseconds =
        watchdog != nullptr && is_for_us ? parse_unsigned(watchdog).value_or(0) : 0;
    ServiceNotify out(socket != nullptr ? socket : "", Milliseconds(microseconds / 1000));
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
    return out;
}

void ServiceNotify::send(const std::string& lines) const {
    sockaddr_un address{};
    if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (socket_.front() == '@') address.sun_path[0] = '\0';  // an abstract name
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (fd)
        static_cast<void>(::sendto(fd.get(), lines.data(), lines.size(), MSG_NOSIGNAL,
                                   reinterpret_cast<const sockaddr*>(&address), size));
}

void ServiceNotify::ready(std::string_view status) const {
    send(fmt::format("READY=1\nSTATUS={}\n", printable(status, 200)));
}

void ServiceNotify::reloading() const {
    const auto now =
        std::chrono::duration_cast<std::chrono::microseconds>(Steady::now().time_since_epoch());
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=Reloading\n", now.count()));
}

void ServiceNotify::stopping() const {
    send("STOPPING=1\nSTATUS=Stopping\n");
}

void ServiceNotify::alive() {
    if (watchdog_.count() == 0 || Steady::now() - last_ < interval()) return;
    last_ = Steady::now();
    send("WATCHDOG=1\n");
}

}  // namespace cordon
