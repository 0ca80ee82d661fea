// SPDX-License-Identifier: GPL-2.0-only
// What the programs of the two pools share: their arguments, the configuration, and a zygote. The
// pools are two programs, so that no content worker has libclamav in its address space.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "conf/base/result.h"
#include "conf/configuration.h"
#include "scoring/scanner/scan_task.h"
#include "scoring/scanner/scanner_options.h"

namespace cordon {

/// Something that the program does instead of serving: prints, and ends with an exit code.
struct ShortTask {
    std::string_view option;
    int (*run)(const Configuration& configuration);
};

struct ScannerProgram {
    const char* name;
    const char* usage;
    PoolKind pool;
    Result<std::unique_ptr<ScanTask>> (*make_task)(const ScannerOptions& options);
    std::span<const ShortTask> short_tasks;
};

/// The whole of main().
int run_scanner(const ScannerProgram& program, int argc, char** argv);

/// Says it on standard error and returns the code.
int end_with(const std::string& what, int exit_code);

}  // namespace cordon
