// SPDX-License-Identifier: GPL-2.0-only
// The walls around a worker: own user, mount, network and IPC namespaces with an empty root (or one
// private tmpfs), no privileges, resource limits, landlock, a system call filter. Each layer holds
// alone; one that this machine refuses is reported, never passed over in silence.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
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

/// The layers by name, in the order in which they are put on.
constexpr std::array<std::string_view, 7> kSandboxLayers = {
    "ordinary-user", "namespaces", "empty-root",        "capabilities",
    "limits",        "landlock",   "system-call-filter"};

struct Sandbox {
    std::string folder;                // for temporary files; empty unless asked for
    bool is_folder_private = false;    // of this worker alone, with bounded room
    std::vector<std::string> missing;  // layers that this machine refused: "NAME: CAUSE"
};

/// Shuts the calling process in for good. An error means that not even the system call filter
/// holds.
Result<Sandbox> enter_sandbox(const SandboxPlan& plan);

/// Tries the layers out in a process of its own; one line a layer: "layer NAME active" or "layer
/// NAME missing: CAUSE".
Result<std::string> report_layers(bool needs_files);

/// As root: becomes nobody. Otherwise nothing.
Result<void> drop_root();

/// SIGKILL when the parent dies; an error when it is dead already.
Result<void> die_with(pid_t parent, int signal);

}  // namespace cordon
