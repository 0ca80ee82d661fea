// SPDX-License-Identifier: GPL-2.0-only
// Starting the scanner program: for its catalogue of rules, and as the zygote of a pool. cordond
// and the command line call it; nothing of the scanner is linked into them.
#pragma once

#include <sys/types.h>

#include <string>

#include "conf/base/file_descriptor.h"
#include "conf/base/program.h"
#include "conf/configuration.h"
#include "scoring/rules/catalogue.h"
#include "scoring/scanner/client.h"

namespace cordon {

struct PoolProcess {
    pid_t pid = -1;
    UniqueFd control;  // a ready notice arrives here; closing it drains the pool
};

struct PoolPlace {
    int listener = -1;
    std::string user;  // the account to run under when we are root
    UniqueFd weights;  // of a content pool: the classifier's table, read-only; may be none
    Spawner spawner = spawn;
};

/// The program of a pool, "content" or "antivirus".
const char* pool_program(const std::string& pool);

/// `pool`: "content" or "antivirus".
Result<PoolProcess> start_pool(const std::string& pool, const Configuration& configuration,
                               const PoolPlace& place);

/// Sends a small message through pools that said they are ready, the way that mail goes. An error
/// when it does not come back judged.
Result<void> probe_pools(const PoolPaths& pools, Deadline deadline);

/// Checks the files of signatures without loading them: that there are some, none is empty, and
/// what is signed is signed by ClamAV. The error names the file.
Result<void> check_database(const Configuration& configuration);

/// Runs the samples of all rules: those that fail, one a line as "FILE:LINE: ...", and exit code 1
/// when there was one.
Result<Output> test_rules(const Configuration& configuration);

/// The layers of the sandbox as they hold on this machine, one a line: `layer NAME active` or
/// `layer NAME missing: REASON`.
Result<std::string> read_layers(const Configuration& configuration);

/// Which rules have no literal and what the slowest cost, one a line, for people.
Result<std::string> read_rule_costs(const Configuration& configuration);

/// Loads and compiles all rules in the scanner; its error reads "FILE:LINE: message".
Result<Catalogue> read_catalogue(const Configuration& configuration);

}  // namespace cordon
