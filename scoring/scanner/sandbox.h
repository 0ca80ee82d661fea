// SPDX-License-Identifier: GPL-2.0-only
// The walls around a worker: own user, mount, network and IPC namespaces with an empty root (or one
// private tmpfs), no privileges, resource limits, landlock, a system call filter. Each layer holds
// alone; one that this machine refuses is reported, never passed over in silence.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

struct SandboxPlan {
    pid_t parent = 0;                // the worker dies with it
    std::vector<int> keep;           // descriptors that stay open, besides 0, 1 and 2
    std::uint64_t memory_bytes = 0;  // beyond what is mapped already
    bool needs_files = false;        // a private folder for temporary files
    std::string fallback_folder;     // used for it where namespaces are refused; exists
    std::uint64_t folder_bytes = 0;
};

struct Sandbox {
    std::string folder;                // for temporary files; empty unless asked for
    bool is_folder_private = false;    // of this worker alone, with bounded room
    std::vector<std::string> missing;  // layers that this machine refused, with the cause
};

/// Shuts the calling process in for good. An error means that not even the system call filter
/// holds.
Result<Sandbox> enter_sandbox(const SandboxPlan& plan);

/// As root: becomes nobody. Otherwise nothing.
Result<void> drop_root();

/// SIGKILL when the parent dies; an error when it is dead already.
Result<void> die_with(pid_t parent, int signal);

}  // namespace cordon
