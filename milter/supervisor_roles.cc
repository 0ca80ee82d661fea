// SPDX-License-Identifier: GPL-2.0-only
// The roles as the supervisor starts them: with which descriptors, and as whom.
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "conf/base/log.h"
#include "conf/base/program.h"
#include "conf/role.h"
#include "milter/handover.h"
#include "milter/supervisor.h"

#include "milter/prepare.h"
#include "scoring/scanner/launch.h"

namespace cordon {

namespace {

constexpr Milliseconds kUnitTime(60'000);  // until all units have come
constexpr int kUnitPause = 1000;           // milliseconds between signs of life

struct RoleInput {
    int config = -1;
    int listener = -1;
    int secret = -1;
    Spawner spawner;
};

Result<StartedRole> start_role(const std::string& program, const RoleInput& input,
                               const Configuration& c) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail_errno("socketpair");
    StartedRole out;
    out.control = UniqueFd(ends[0]);
    const UniqueFd theirs(ends[1]);
    Spawn what;
    what.program = role_path(program);
    what.arguments = {"--config-fd", std::to_string(kRoleConfigFd), "--control-fd",
                      std::to_string(kRoleControlFd)};
    what.fds = {{input.config, kRoleConfigFd}, {theirs.get(), kRoleControlFd}};
    for (const auto& [fd, name, number] : {std::tuple{input.listener, "--listen-fd", kRoleListenFd},
                                           {input.secret, "--secret-fd", kRoleSecretFd}}) {
        if (fd < 0) continue;
        what.arguments.insert(what.arguments.end(), {name, std::to_string(number)});
        what.fds.emplace_back(fd, number);
    }
    what.user = c.cordon.user;
    what.group = c.milter.socket_group;
    auto pid = input.spawner(what);
    if (!pid) return tl::unexpected(pid.error());
    out.pid = *pid;
    return out;
}

}  // namespace

namespace {

/// What a file with a password has, for the one role that needs it: read at each start, so that a
/// new password needs nothing but a new login. Nothing where no file is named.
Result<UniqueFd> secret_from(const char* key, const std::string& file) {
    constexpr std::size_t kLongestSecret = 4096;
    if (file.empty()) return UniqueFd();
    const auto password = read_file(file, kLongestSecret);
    if (!password) return wrap(key, password.error());
    auto secret = text_descriptor(*password);
    if (!secret) return wrap(key, secret.error());
    return secret;
}

Result<UniqueFd> review_secret(const Configuration& c) {
    return secret_from("quarantine.imap-password-file", c.quarantine.imap_password_file);
}

}  // namespace

Spawner Supervisor::spawner() const {
    if (!units_) return spawn;
    return [units = units_.get()](const Spawn& what) { return units->spawn(what); };
}

/// A program that has no unit yet; empty when all are there.
std::string Supervisor::missing_unit() const {
    const auto& c = *snapshot_->configuration;
    for (const auto& [program, is_wanted] : {std::pair{"cordon-keeper", true},
                                             {pool_program("content"), true},
                                             {pool_program("antivirus"), c.clamav.enabled},
                                             {"cordon-milter", true},
                                             {"cordon-review", c.has_review()}})
        if (is_wanted && !units_->has(program)) return program;
    return {};
}

Result<void> Supervisor::await_units() {
    if (!units_) return {};
    for (const auto deadline = Deadline::in(kUnitTime); !is_stopping_; handle_signal()) {
        units_->look();
        const auto missing = missing_unit();
        if (missing.empty()) return {};
        if (deadline.is_over())
            return fail(fmt::format("no unit for {0} has come: is {0}.service masked?", missing));
        std::vector<pollfd> entries{{signals_.get(), POLLIN, 0}};
        units_->add_polls(entries);
        ::poll(entries.data(), entries.size(), std::min(deadline.poll_timeout(), kUnitPause));
        service_.alive();
    }
    return {};
}

Supervisor::Role Supervisor::make_keeper() {
    return std::make_unique<RoleProcess>("cordon-keeper", [this]() -> Result<StartedRole> {
        const auto& c = *snapshot_->configuration;
        const auto text = text_descriptor(c.text);
        if (!text) return tl::unexpected(text.error());
        auto secret = secret_from("learning.store-password-file", c.learning.store_password_file);
        // Mail is held without a shared store, too.
        if (!secret) log::error("password-not-read", {{"error", secret.error().what}});
        return start_role(
            "cordon-keeper",
            {text->get(), keeper_listener_.get(), secret ? secret->get() : -1, spawner()}, c);
    });
}

/// Before the reviewer that works is ended for one that could not start.
Result<void> Supervisor::check_secrets(const Configuration& configuration) {
    if (!configuration.has_review()) return {};
    const auto secret = review_secret(configuration);
    return secret ? Result<void>() : tl::unexpected(secret.error());
}

Supervisor::Role Supervisor::make_milter() {
    return std::make_unique<RoleProcess>("cordon-milter", [this]() -> Result<StartedRole> {
        const auto handover = write_handover(*snapshot_->configuration, snapshot_->catalogue);
        if (!handover) return tl::unexpected(handover.error());
        return start_role("cordon-milter", {handover->get(), -1, -1, spawner()},
                          *snapshot_->configuration);
    });
}

Supervisor::Role Supervisor::make_review() {
    if (!snapshot_->configuration->has_review()) return nullptr;
    return std::make_unique<RoleProcess>("cordon-review", [this]() -> Result<StartedRole> {
        const auto& c = *snapshot_->configuration;
        const auto text = text_descriptor(c.text);
        if (!text) return tl::unexpected(text.error());
        const auto secret = review_secret(c);
        if (!secret) return tl::unexpected(secret.error());
        return start_role("cordon-review", {text->get(), -1, secret->get(), spawner()}, c);
    });
}

Supervisor::Role Supervisor::make_pool(const std::string& pool, int listener,
                                       const SnapshotPtr& snapshot) const {
    // Restarted with the snapshot that it was made for, whatever a reload in progress brings.
    const auto start = [pool, listener, snapshot, by = spawner()]() -> Result<StartedRole> {
        const auto& c = *snapshot->configuration;
        auto started = start_pool(pool, c, {listener, c.cordon.user, weights_for(pool, c), by});
        if (!started) return tl::unexpected(started.error());
        return StartedRole{started->pid, std::move(started->control)};
    };
    return std::make_unique<RoleProcess>(pool_program(pool), start);
}

Supervisor::Role Supervisor::make_antivirus(const SnapshotPtr& snapshot) const {
    return make_pool("antivirus", antivirus_listener_.get(), snapshot);
}

std::vector<Supervisor::Role> Supervisor::make_pools(const SnapshotPtr& snapshot) const {
    std::vector<Role> out;
    out.push_back(make_pool("content", content_listener_.get(), snapshot));
    if (snapshot->configuration->clamav.enabled) out.push_back(make_antivirus(snapshot));
    return out;
}

}  // namespace cordon
