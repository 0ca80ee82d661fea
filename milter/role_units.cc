// SPDX-License-Identifier: GPL-2.0-only
#include "milter/role_units.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "conf/base/ipc.h"
#include "conf/base/log.h"

namespace cordon {

namespace {

constexpr std::size_t kMostUnits = 16;
constexpr Milliseconds kTellTime(1000);
constexpr Milliseconds kStartTime(5000);  // until the unit has forked; a machine may be slow

std::string base_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

/// The run directory is ours alone, but a socket in it can be given another mode by hand.
bool is_our_account(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == ::geteuid() || peer.uid == 0);
}

Result<void> send(int socket, const UnitRecord& record, int fd = -1) {
    return send_record(socket, to_record(record), fd, Deadline::in(kTellTime));
}

}  // namespace

Result<std::unique_ptr<RoleUnits>> RoleUnits::open(const Configuration& configuration) {
    auto listener = listen_seqpacket(configuration.cordon.run_directory + kRoleUnitSocket, 0600);
    if (!listener) return wrap("cannot listen in the run directory", listener.error());
    return std::unique_ptr<RoleUnits>(new RoleUnits(std::move(*listener)));
}

bool RoleUnits::has(const std::string& program) const {
    return std::any_of(units_.begin(), units_.end(),
                       [&](const Unit& unit) { return unit.program == program; });
}

void RoleUnits::accept_units() {
    for (;;) {
        UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket) return;
        if (units_.size() < kMostUnits && is_our_account(socket.get()))
            units_.push_back({std::move(socket), "", {}});
    }
}

Result<UnitRecord> RoleUnits::receive(const Unit& unit, Deadline deadline) {
    const auto record = receive_record(unit.socket.get(), deadline);
    if (!record) return tl::unexpected(record.error());
    if (!*record) return fail("its unit is gone");
    return parse_unit_record((*record)->bytes);
}

Result<void> RoleUnits::hear(Unit& unit, const UnitRecord& record) {
    if (const auto* const ended = std::get_if<UnitEnded>(&record)) {
        if (unit.running.erase(ended->pid) > 0) ended_.push_back(*ended);
        return {};
    }
    const auto* const hello = std::get_if<UnitHello>(&record);
    if (hello == nullptr || !unit.program.empty()) return fail("an unexpected record");
    std::string reason;
    if (hello->version != CORDON_VERSION)
        reason = fmt::format("it is of version {}, cordond of {}", hello->version, CORDON_VERSION);
    else if (has(hello->program))
        reason = "there is one already";
    if (!reason.empty()) {
        static_cast<void>(send(unit.socket.get(), UnitRefusal{reason}));
        return fail(fmt::format("a unit for {}: {}", hello->program, reason));
    }
    unit.program = hello->program;
    log::info("unit-joined", {{"name", unit.program}});
    return {};
}

/// Its processes get SIGTERM when it dies, and by itself when it lives.
void RoleUnits::drop(Unit& unit) {
    for (const pid_t pid : unit.running) ended_.push_back({pid, SIGTERM});
    unit.running.clear();
    unit.program.clear();
    unit.socket.reset();
}

std::vector<UnitEnded> RoleUnits::look() {
    for (auto& unit : units_) {
        while (unit.socket && wait_readable(unit.socket.get(), Deadline::in(Milliseconds(0)))) {
            const auto record = receive(unit, Deadline::in(Milliseconds(0)));
            const auto heard = record ? hear(unit, *record) : tl::unexpected(record.error());
            if (heard) continue;
            log::warn("unit-left", {{"name", unit.program}, {"reason", heard.error().what}});
            drop(unit);
        }
    }
    std::erase_if(units_, [](const Unit& unit) { return !unit.socket; });
    // Last: one that comes again is not the one that has just left.
    accept_units();
    return std::exchange(ended_, {});
}

Result<pid_t> RoleUnits::wait_started(Unit& unit) {
    const auto deadline = Deadline::in(kStartTime);
    for (;;) {
        const auto record = receive(unit, deadline);
        if (!record) return tl::unexpected(record.error());
        const auto* const started = std::get_if<UnitStarted>(&*record);
        if (started == nullptr) {
            if (auto heard = hear(unit, *record); !heard) return tl::unexpected(heard.error());
            continue;
        }
        if (started->pid > 0) unit.running.insert(started->pid);
        return started->pid;
    }
}

Result<pid_t> RoleUnits::spawn(const Spawn& what) {
    const auto program = base_name(what.program);
    const auto found = std::find_if(units_.begin(), units_.end(),
                                    [&](const Unit& unit) { return unit.program == program; });
    if (found == units_.end())
        return fail(fmt::format("its unit is not there: systemctl start {}.service", program));
    Result<void> sent;
    for (const auto& [fd, number] : what.fds)
        if (sent) sent = send(found->socket.get(), UnitDescriptor{number}, fd);
    if (sent) sent = send(found->socket.get(), UnitStart{what.arguments, what.user, what.group});
    auto pid = sent ? wait_started(*found) : tl::unexpected(sent.error());
    if (!pid) drop(*found);
    if (pid && *pid <= 0) return fail("its unit could not start it, see the unit's log");
    return pid;
}

void RoleUnits::add_polls(std::vector<pollfd>& out) const {
    out.push_back({listener_.get(), POLLIN, 0});
    for (const auto& unit : units_)
        if (unit.socket) out.push_back({unit.socket.get(), POLLIN, 0});
}

}  // namespace cordon
