// SPDX-License-Identifier: GPL-2.0-only
#include "milter/supervisor.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "conf/base/ipc.h"
#include "conf/base/log.h"
#include "conf/base/program.h"
#include "conf/role.h"
#include "milter/handover.h"
#include "milter/prepare.h"
#include "milter/restart_need.h"
#include "scoring/scanner/launch.h"

namespace cordon {

namespace {

constexpr Milliseconds kTellTime(1000);
constexpr int kListInterval = 2000;  // milliseconds between looks at list files
constexpr Milliseconds kProbeTime(10'000);
// "End-of-messages in flight get 3 s, then 451; gone within 5 s."
constexpr Milliseconds kMilterGrace(3000);
constexpr Milliseconds kLateTime(4300);
constexpr Milliseconds kStopTime(4700);

}  // namespace

Result<SnapshotPtr> check_configuration(const std::string& path) {
    auto configuration = load_configuration(path);
    if (!configuration) return tl::unexpected(configuration.error());
    auto catalogue = read_catalogue(**configuration);
    if (!catalogue) return tl::unexpected(catalogue.error());
    return make_snapshot(std::move(*configuration), std::move(*catalogue));
}

Supervisor::Supervisor(std::string path, SnapshotPtr snapshot, bool has_units)
    : path_(std::move(path)), snapshot_(std::move(snapshot)), has_units_(has_units) {}

/// At the start, and after a reload: mail flows without the reviewer, so its failure is not ours.
/// Two of them would both send what one of them is sending: the next one starts when the last has
/// ended, which comes to the end of what it sends.
void Supervisor::replace_review() {
    if (review_ && review_->is_alive()) return review_->renew();
    review_ = make_review();
    if (!review_) return;
    if (auto done = review_->start(); !done) {
        log::error("start-failed", {{"name", review_->name()}, {"error", done.error().what}});
        review_->ended();
    }
}

Result<void> Supervisor::open_sockets() {
    const auto& c = *snapshot_->configuration;
    for (const auto& [name, fd] : {std::pair{"keeper", &keeper_listener_},
                                   {"content", &content_listener_},
                                   {"antivirus", &antivirus_listener_}}) {
        auto listener = listen_seqpacket(c.socket_path(name), 0600);
        if (!listener) return wrap("cannot listen in the run directory", listener.error());
        if (auto owned = give_to_user(c.socket_path(name), c); !owned) return owned;
        *fd = std::move(*listener);
    }
    if (!has_units_) return {};
    auto units = RoleUnits::open(c);
    if (!units) return tl::unexpected(units.error());
    units_ = std::move(*units);
    return {};
}

Result<void> Supervisor::prepare() {
    auto lock = prepare_directories(*snapshot_->configuration);
    if (!lock) return tl::unexpected(lock.error());
    lock_ = std::move(*lock);
    if (auto done = open_sockets(); !done) return done;
    if (auto done = make_live_table(*snapshot_->configuration); !done) return done;
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int s : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&signals, s);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    signals_ = UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    return {};
}

Result<void> Supervisor::start_all(std::vector<Role>& roles) {
    for (auto& role : roles)
        if (auto done = role->start(); !done) return done;
    return {};
}

std::vector<RoleProcess*> Supervisor::all_roles() {
    std::vector<RoleProcess*> out;
    for (auto* const role : {keeper_.get(), milter_.get(), review_.get()})
        if (role != nullptr) out.push_back(role);
    for (const auto* const list : {&pools_, &candidates_, &retired_})
        for (const auto& role : *list) out.push_back(role.get());
    return out;
}

Result<void> Supervisor::run(const std::function<void()>& started) {
    if (auto done = prepare(); !done) return done;
    if (auto done = await_units(); !done || is_stopping_) return done;
    keeper_ = make_keeper();
    follow_database();
    pools_ = make_pools(snapshot_);
    auto done = keeper_->start();
    if (done) done = start_all(pools_);
    while (done && !is_stopping_) done = step(started);
    stop();
    return done;
}

int Supervisor::poll_timeout() {
    int timeout = lists_.is_empty() ? 60'000 : kListInterval;
    if (const auto alive = static_cast<int>(service_.interval().count()); alive > 0)
        timeout = std::min(timeout, alive);
    if (const int next = database_.poll_timeout(); next >= 0) timeout = std::min(timeout, next);
    for (const auto* const role : all_roles())
        if (!role->is_alive()) timeout = std::min(timeout, Deadline(role->due()).poll_timeout());
    return timeout;
}

Result<void> Supervisor::step(const std::function<void()>& started) {
    std::vector<pollfd> entries{{signals_.get(), POLLIN, 0}, {database_.descriptor(), POLLIN, 0}};
    for (const auto* const role : all_roles())
        if (role->control() >= 0 && !role->is_ready())
            entries.push_back({role->control(), POLLIN, 0});
    if (units_) units_->add_polls(entries);
    ::poll(entries.data(), entries.size(), poll_timeout());
    service_.alive();
    auto noticed = read_notices();
    if (!noticed) return noticed;
    handle_signal();
    look_at_units();
    if (auto done = finish_start(started); !done) return done;
    finish_reload();
    if (is_running_) {
        reload_changed_lists();
        if (!candidate_snapshot_ && database_.has_changed()) reload_signatures();
        restart_due();
    }
    return {};
}

Result<void> Supervisor::read_notices() {
    for (auto* const role : all_roles()) {
        if (role->control() < 0 || role->is_ready()) continue;
        if (!wait_readable(role->control(), Deadline::in(Milliseconds(0)))) continue;
        auto noticed = role->read_notice();
        if (noticed) continue;
        if (!is_running_) return noticed;
        const bool is_candidate = std::any_of(candidates_.begin(), candidates_.end(),
                                              [role](const auto& c) { return c.get() == role; });
        if (is_candidate) {
            abandon_reload(noticed.error().what);
            return {};  // the list of roles has changed
        }
        log::error("role-failed", {{"name", role->name()}, {"error", noticed.error().what}});
    }
    return {};
}

Result<void> Supervisor::finish_start(const std::function<void()>& started) {
    if (is_running_) return {};
    const bool are_ready =
        keeper_->is_ready() &&
        std::all_of(pools_.begin(), pools_.end(), [](const auto& p) { return p->is_ready(); });
    for (const auto* const role : all_roles())
        if (!role->is_alive()) return fail(role->name() + " ended before it was ready");
    if (!are_ready) return {};
    if (!milter_) {
        // Ready is what a pool says of itself; this is what mail will see.
        auto probed = probe_pools(snapshot_->pools, Deadline::in(kProbeTime));
        if (!probed) return probed;
        // Last of all: the MTA is answered only by a filter that can judge
        milter_ = make_milter();
        return milter_->start();
    }
    if (!milter_->is_ready()) return {};
    is_running_ = true;
    lists_.follow(*snapshot_->configuration);
    replace_review();
    log::info("started", {{"version", CORDON_VERSION},
                          {"socket", to_text(snapshot_->configuration->milter.socket)}});
    if (snapshot_->configuration->quarantine.mailbox.empty())
        log::warn("no-quarantine",
                  {{"remedy", "set [quarantine] mailbox; until then quarantine acts as tag"}});
    serving();
    started();
    return {};
}

void Supervisor::handle_signal() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            reap();
        else if (info.ssi_signo == SIGHUP)
            reload();
        else
            is_stopping_ = true;
    }
}

void Supervisor::reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) role_ended(pid, status);
}

void Supervisor::look_at_units() {
    if (!units_) return;
    for (const auto& ended : units_->look()) role_ended(ended.pid, ended.status);
}

void Supervisor::role_ended(pid_t pid, int status) {
    std::erase_if(retired_, [pid](const auto& role) { return role->pid() == pid; });
    for (auto* const role : all_roles()) {
        if (role->pid() != pid) continue;
        const std::string name = role->name();
        const bool was_asked = role->is_renewing();
        role->ended();
        if (is_stopping_ || was_asked) return;
        const bool is_candidate = std::any_of(candidates_.begin(), candidates_.end(),
                                              [role](const auto& c) { return c.get() == role; });
        if (is_candidate) return abandon_reload(name + " ended before it was ready");
        log::error("role-died", {{"name", name},
                                 {"pid", pid},
                                 {"ending", describe_exit(status)},
                                 {"action", "restarting it"}});
        return;
    }
}

void Supervisor::restart_due() {
    if (review_ && !review_->is_alive() && !snapshot_->configuration->has_review())
        review_.reset();  // a reload has taken its work away
    for (auto* const role : all_roles()) {
        if (!role->is_due()) continue;
        if (auto done = role->start(); !done) {
            log::error("restart-failed", {{"name", role->name()}, {"error", done.error().what}});
            role->ended();
        }
    }
}

void Supervisor::serving() const {
    service_.ready("Serving " + to_text(snapshot_->configuration->milter.socket));
}

Result<void> Supervisor::begin_reload() {
    auto snapshot = check_configuration(path_);
    if (!snapshot) return tl::unexpected(snapshot.error());
    const auto& now = *(*snapshot)->configuration;
    if (const auto keys = keys_for_restart(now, *snapshot_->configuration); !keys.empty())
        return fail(fmt::format("{} changed: restart cordond for that", fmt::join(keys, ", ")));
    if (auto checked = check_before(now); !checked) return checked;
    if (auto checked = check_secrets(now); !checked) return checked;
    const bool has_new_folder = now.clamav.database != snapshot_->configuration->clamav.database;
    const bool has_new_files = now.clamav.enabled && !has_new_folder && database_.take_change();
    is_antivirus_new_ = has_new_files || need_new_antivirus(now, *snapshot_->configuration);
    candidate_snapshot_ = std::move(*snapshot);
    candidates_ = make_pools(candidate_snapshot_);
    const bool is_later = now.clamav.reload == ReloadMode::in_place || !is_antivirus_new_;
    if (is_later && candidates_.size() > 1) candidates_.pop_back();
    return start_all(candidates_);
}

void Supervisor::reload() {
    if (!is_running_) return;
    if (candidate_snapshot_) abandon_reload("another reload was asked for");
    is_signatures_only_ = false;
    service_.reloading();
    if (auto begun = begin_reload(); !begun) abandon_reload(begun.error().what);
}

void Supervisor::abandon_reload(const std::string& why) {
    for (auto& role : candidates_) {
        role->signal(SIGKILL);
        role->release();
        if (role->is_alive()) retired_.push_back(std::move(role));
    }
    candidates_.clear();
    candidate_snapshot_.reset();
    if (is_signatures_only_)
        log::error("signatures-refused",
                   {{"error", why}, {"action", "the signatures in use stay"}});
    else
        log::error("reload-failed",
                   {{"error", why}, {"action", "the running configuration stays"}});
    serving();
}

void Supervisor::tell_roles() {
    const auto& c = *snapshot_->configuration;
    const auto tell = [](const RoleProcess& role, const Result<UniqueFd>& what) {
        if (role.control() < 0) return;  // about to be restarted: with the new snapshot
        const auto told =
            what ? send_record(role.control(), "handover", what->get(), Deadline::in(kTellTime))
                 : tl::unexpected(what.error());
        if (!told)
            log::error("reload-failed", {{"name", role.name()}, {"error", told.error().what}});
    };
    tell(*keeper_, text_descriptor(c.text));
    tell(*milter_, write_handover(c, snapshot_->catalogue));
}

void Supervisor::reload_changed_lists() {
    if (candidate_snapshot_ || !lists_.has_changed()) return;
    auto configuration = reload_lists(*snapshot_->configuration);
    auto snapshot = configuration ? make_snapshot(std::move(*configuration), snapshot_->catalogue)
                                  : tl::unexpected(configuration.error());
    if (!snapshot) {
        log::error("list-reload-failed",
                   {{"error", snapshot.error().what}, {"action", "the lists stay as they were"}});
        return;
    }
    snapshot_ = std::move(*snapshot);
    log::info("lists-reloaded");  // first: the milter's own line is to follow it
    tell_roles();
}

void Supervisor::stop() {
    is_stopping_ = true;
    service_.stopping();
    const auto grace = Deadline::in(kMilterGrace);
    const auto late = Deadline::in(kLateTime);
    const auto deadline = Deadline::in(kStopTime);
    const auto wait = [this](Deadline until, const auto& is_done) {
        while (!is_done() && !until.is_over()) {
            std::vector<pollfd> entries{{signals_.get(), POLLIN, 0}};
            if (units_) units_->add_polls(entries);
            ::poll(entries.data(), entries.size(), std::min(until.poll_timeout(), 50));
            handle_signal();
            look_at_units();
        }
    };
    const auto milter_is_gone = [this] { return !milter_ || !milter_->is_alive(); };
    // With the reviewer: what it is sending goes through the milter, and is recorded by the keeper.
    const auto are_gone = [this, milter_is_gone] {
        return milter_is_gone() && (!review_ || !review_->is_alive());
    };
    if (milter_) milter_->signal(SIGTERM);
    if (review_) review_->signal(SIGTERM);
    wait(grace, are_gone);
    // No worker, no listener: what is still in flight is answered 451.
    content_listener_.reset();
    antivirus_listener_.reset();
    for (auto* const role : all_roles())
        if (role != milter_.get() && role != keeper_.get() && role != review_.get())
            role->signal(milter_is_gone() ? SIGTERM : SIGKILL);
    wait(late, are_gone);
    if (keeper_) keeper_->signal(SIGTERM);
    wait(deadline, [this] {
        const auto roles = all_roles();
        return std::none_of(roles.begin(), roles.end(),
                            [](const auto* r) { return r->is_alive(); });
    });
    for (auto* const role : all_roles()) role->signal(SIGKILL);
    for (const char* const name : {"keeper", "content", "antivirus"})
        ::unlink(snapshot_->configuration->socket_path(name).c_str());
    if (units_)
        ::unlink((snapshot_->configuration->cordon.run_directory + kRoleUnitSocket).c_str());
    log::info("stopped");
}

}  // namespace cordon
