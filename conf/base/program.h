// SPDX-License-Identifier: GPL-2.0-only
// Finding and starting Cordon's own programs, and exit codes of sysexits.h.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "conf/base/file_descriptor.h"
#include "conf/base/result.h"

namespace cordon {

enum ExitCode : int {
    kExitOk = 0,
    kExitUsage = 64,
    kExitNoInput = 66,
    kExitUnavailable = 69,
    kExitSoftware = 70,
    kExitOs = 71,
    kExitConfig = 78,
};

/// Folder of the running program.
std::string program_directory();

/// Full path of a role program: beside this one, else the installed place.
std::string role_path(const std::string& name);

struct Spawn {
    std::string program;                   // full path
    std::vector<std::string> arguments;    // without argv[0]
    std::vector<std::pair<int, int>> fds;  // {ours, number in the child}; others are closed by exec
    std::string user;                      // drop to this account when we are root; empty: stay
    std::string group;                     // supplementary group to keep, by name; may be empty
    bool die_with_parent = true;
};

/// Forks and executes; the child has default signal dispositions and an empty mask.
Result<pid_t> spawn(const Spawn& what);

/// Who starts a program: spawn(), or somebody else who is asked to.
using Spawner = std::function<Result<pid_t>(const Spawn&)>;

struct Output {
    int exit_code = 0;  // 128 + signal when killed
    std::string out;
    std::string err;
};

/// Runs a program to its end and collects what it prints, at most `limit` bytes of each stream.
Result<Output> run_program(Spawn what, std::size_t limit = 4U << 20U);

/// A wait(2) status in words: "ended with code 69", "died of signal 9 (Killed)".
std::string describe_exit(int status);

/// Ids of an account by name; the error names it and the key that names it.
struct Account {
    uid_t uid = 0;
    gid_t gid = 0;
};
Result<Account> find_account(const std::string& user);

}  // namespace cordon
