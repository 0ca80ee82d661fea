// SPDX-License-Identifier: GPL-2.0-only
// cordond's work: opens what needs privilege, starts the roles under their own user, restarts what
// dies, and replaces the pools on reload only when the new ones have proved themselves.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conf/base/service_notify.h"
#include "conf/configuration.h"
#include "milter/database_watch.h"
#include "milter/list_watch.h"
#include "milter/role_process.h"
#include "milter/role_units.h"
#include "scoring/gather/examination.h"

namespace cordon {

/// A configuration that a daemon may run with: read, checked, its rules compiled.
Result<SnapshotPtr> check_configuration(const std::string& path);

class Supervisor {
 public:
    /// `has_units`: each role's programs are started by a unit of its own (role_units.h).
    Supervisor(std::string path, SnapshotPtr snapshot, bool has_units);

    /// Runs until SIGTERM or SIGINT. `started` is called once all roles are ready. An error when
    /// they do not become so.
    Result<void> run(const std::function<void()>& started);

 private:
    using Role = std::unique_ptr<RoleProcess>;

    Result<void> prepare();
    Result<void> open_sockets();
    Role make_keeper();
    Role make_pool(const std::string& pool, int listener, const SnapshotPtr& snapshot) const;
    Spawner spawner() const;
    Result<void> await_units();
    std::string missing_unit() const;
    Role make_milter();
    Role make_review();
    void replace_review();
    Role make_antivirus(const SnapshotPtr& snapshot) const;
    std::vector<Role> make_pools(const SnapshotPtr& snapshot) const;
    static Result<void> start_all(std::vector<Role>& roles);

    Result<void> step(const std::function<void()>& started);
    Result<void> read_notices();
    void handle_signal();
    void reap();
    void look_at_units();
    void role_ended(pid_t pid, int status);
    void restart_due();
    int poll_timeout();

    void reload();
    void reload_signatures();
    void follow_database();
    static Result<void> check_before(const Configuration& configuration);
    static Result<void> check_secrets(const Configuration& configuration);
    std::string loss_of_signatures() const;
    void retire(Role& role);
    void take_over();
    Result<void> begin_reload();
    void serving() const;
    void reload_changed_lists();
    void abandon_reload(const std::string& why);
    Result<void> finish_start(const std::function<void()>& started);
    void finish_reload();
    void tell_roles();
    void stop();
    std::vector<RoleProcess*> all_roles();

    std::string path_;
    SnapshotPtr snapshot_;
    const bool has_units_;
    std::unique_ptr<RoleUnits> units_;  // none: the roles are our own children
    UniqueFd lock_;
    UniqueFd signals_;
    UniqueFd keeper_listener_;
    UniqueFd content_listener_;
    UniqueFd antivirus_listener_;
    Role keeper_;
    Role milter_;
    Role review_;  // none where nothing of the configuration asks for it
    std::vector<Role> pools_;
    std::vector<Role> retired_;     // drain and end
    std::vector<Role> candidates_;  // of a reload, not ready yet
    SnapshotPtr candidate_snapshot_;
    bool is_signatures_only_ = false;  // the reload in progress
    bool is_antivirus_new_ = false;    // it brings new antivirus workers
    ListWatch lists_;
    DatabaseWatch database_;
    ServiceNotify service_ = ServiceNotify::from_environment();
    bool is_running_ = false;
    bool is_stopping_ = false;
};

}  // namespace cordon
