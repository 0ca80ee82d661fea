// SPDX-License-Identifier: GPL-2.0-only
// One role program under supervision: its process, its control socket and its back-off.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"
#include "conf/base/result.h"

namespace cordon {

struct StartedRole {
    pid_t pid = -1;
    UniqueFd control;
};

class RoleProcess {
 public:
    using Start = std::function<Result<StartedRole>()>;

    RoleProcess(std::string name, Start start) : name_(std::move(name)), start_(std::move(start)) {}

    const std::string& name() const { return name_; }
    pid_t pid() const { return role_.pid; }
    int control() const { return role_.control.get(); }
    bool is_ready() const { return is_ready_; }
    bool is_alive() const { return role_.pid > 0; }

    Result<void> start();
    /// Reads the notice on the control socket; an error when the role says that it failed.
    Result<void> read_notice();
    /// It ended: plans the restart, later the more often it happened at once.
    void ended();
    /// Asks it to end, to be started anew as soon as it has.
    void renew();
    bool is_renewing() const { return is_renewing_; }
    bool is_due() const { return !is_alive() && Steady::now() >= due_; }
    Steady::time_point due() const { return due_; }
    /// What an antivirus pool has loaded, by its notice.
    std::uint64_t signatures() const { return signatures_; }
    void signal(int number) const;
    /// Closes the control socket: a pool drains, a milter stops.
    void release() { role_.control.reset(); }

 private:
    std::string name_;
    Start start_;
    StartedRole role_;
    bool is_ready_ = false;
    bool is_renewing_ = false;
    Steady::time_point started_{};
    Steady::time_point due_{};
    unsigned failures_ = 0;
    std::uint64_t signatures_ = 0;
};

}  // namespace cordon
