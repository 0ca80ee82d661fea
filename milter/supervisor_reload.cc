// SPDX-License-Identifier: GPL-2.0-only
// How new pools take over from old ones: both serve the one listener for a moment, and the old ones
// finish what they hold. Signatures can be reloaded alone, by freshclam's writing.
#include <algorithm>

#include "conf/base/log.h"
#include "milter/supervisor.h"
#include "scoring/scanner/launch.h"

namespace cordon {

namespace {

bool is_antivirus(const RoleProcess& role) {
    return role.name().ends_with("antivirus");
}

const RoleProcess* antivirus_of(const std::vector<std::unique_ptr<RoleProcess>>& roles) {
    const auto found = std::find_if(roles.begin(), roles.end(),
                                    [](const auto& role) { return is_antivirus(*role); });
    return found == roles.end() ? nullptr : found->get();
}

}  // namespace

void Supervisor::follow_database() {
    const auto& clamav = snapshot_->configuration->clamav;
    database_.follow(clamav.enabled ? clamav.database : "");
}

// In place there is no way back: what can be told of the files without loading them is told first.
Result<void> Supervisor::check_before(const Configuration& configuration) {
    return configuration.clamav.reload == ReloadMode::in_place ? check_database(configuration)
                                                               : Result<void>();
}

void Supervisor::reload_signatures() {
    is_signatures_only_ = true;
    is_antivirus_new_ = true;
    candidate_snapshot_ = snapshot_;
    if (auto checked = check_before(*snapshot_->configuration); !checked)
        return abandon_reload(checked.error().what);
    if (snapshot_->configuration->clamav.reload == ReloadMode::in_place) return finish_reload();
    candidates_.push_back(make_antivirus(snapshot_));
    if (auto done = start_all(candidates_); !done) abandon_reload(done.error().what);
}

// A file that was cut between two signatures loads, and so does a folder from which the main file
// has vanished.
std::string Supervisor::loss_of_signatures() const {
    const auto* const before = antivirus_of(pools_);
    const auto* const after = antivirus_of(candidates_);
    const bool is_same_place = snapshot_->configuration->clamav.database ==
                               candidate_snapshot_->configuration->clamav.database;
    if (before == nullptr || after == nullptr || !is_same_place) return {};
    if (after->signatures() >= before->signatures() / 2) return {};
    return "only " + std::to_string(after->signatures()) + " signatures of " +
           std::to_string(before->signatures()) +
           " are left in the database; restart cordond if that is meant";
}

void Supervisor::retire(Role& role) {
    role->release();  // drains: what it holds is finished
    if (role->is_alive()) retired_.push_back(std::move(role));
}

void Supervisor::take_over() {
    const bool is_in_place =
        is_antivirus_new_ && snapshot_->configuration->clamav.enabled && !antivirus_of(candidates_);
    std::vector<Role> kept;
    for (auto& role : pools_) {
        const bool stays = is_antivirus(*role) ? !is_antivirus_new_ : is_signatures_only_;
        if (stays)
            kept.push_back(std::move(role));
        else
            retire(role);
    }
    pools_ = std::exchange(candidates_, {});
    for (auto& role : kept) pools_.push_back(std::move(role));
    // Mail waits in the listener's queue until it is ready; it is started by restart_due().
    if (is_in_place) pools_.push_back(make_antivirus(snapshot_));
}

void Supervisor::finish_reload() {
    if (!candidate_snapshot_) return;
    for (const auto& role : candidates_)
        if (!role->is_ready()) return;
    if (const auto loss = loss_of_signatures(); !loss.empty()) return abandon_reload(loss);
    const auto& old = snapshot_->configuration->clamav;
    const auto& now = candidate_snapshot_->configuration->clamav;
    // Else what changes while a pool loads would count as known.
    const bool has_new_folder = old.database != now.database || old.enabled != now.enabled;
    snapshot_ = std::exchange(candidate_snapshot_, nullptr);
    take_over();
    if (is_signatures_only_) {
        const auto* const antivirus = antivirus_of(pools_);
        log::info("signatures-reloaded",
                  {{"signatures", antivirus != nullptr ? antivirus->signatures() : 0}});
        return;
    }
    tell_roles();
    if (has_new_folder) follow_database();
    lists_.follow(*snapshot_->configuration);
    replace_review();
    const auto& options = snapshot_->configuration->log;
    log::open("cordond", options.target, options.format, options.level);
    log::info("reloaded");
    serving();
}

}  // namespace cordon
