// SPDX-License-Identifier: GPL-2.0-only
// What every role program shares: its arguments (descriptors inherited from cordond), its
// configuration, and the one record by which it tells cordond that it is ready or why it is not.
#pragma once

#include <optional>
#include <string>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"
#include "conf/configuration.h"

namespace cordon {

struct RoleArguments {
    int config_fd = -1;
    int listen_fd = -1;
    int control_fd = -1;
    int secret_fd = -1;  // of the reviewer: the password of the mailbox
    std::string pool;    // of the scanner: content or antivirus
};

/// Numbers under which cordond hands its descriptors to a role.
constexpr int kRoleConfigFd = 3;
constexpr int kRoleListenFd = 4;
constexpr int kRoleControlFd = 5;
constexpr int kRoleSecretFd = 6;
constexpr int kRoleWeightsFd = 7;  // of a content pool

/// Prints usage and gives nothing on unknown arguments: roles are started by cordond, not by
/// people.
std::optional<RoleArguments> parse_role_arguments(int argc, char** argv, const char* program);

/// Reads the effective configuration from config_fd and opens the log.
Result<ConfigurationPtr> read_role_configuration(const RoleArguments& arguments,
                                                 const char* program);
/// The same from any descriptor, at its start: what came by the control socket at a reload.
Result<ConfigurationPtr> read_configuration(int fd, const char* program);

/// A line of this and a number in the notice of an antivirus pool.
constexpr std::string_view kSignaturesLoaded = "signatures ";

/// The one record of a role on its control socket.
struct RoleNotice {
    bool is_ready = false;
    std::string text;  // ready: warnings, if any; otherwise why not, in one line with the remedy
};
Result<void> send_notice(int control, const RoleNotice& notice);
/// An end without a notice is an error.
Result<RoleNotice> receive_notice(int control, Deadline deadline);

void role_ready(const RoleArguments& arguments);
/// Tells cordond and the log; returns the exit code.
int role_failure(const RoleArguments& arguments, int exit_code, const Error& error);

/// The other side: waits for the record and gives its text (warnings, if any); an error when the
/// role failed, died or is late.
Result<std::string> wait_role_ready(int control, Deadline deadline);

/// A memfd with `text`, positioned at its start, to be inherited as a config_fd.
Result<UniqueFd> text_descriptor(std::string_view text);

}  // namespace cordon
