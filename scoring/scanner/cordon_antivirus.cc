// SPDX-License-Identifier: GPL-2.0-only
// cordon-antivirus: the zygote of the antivirus pool, started by cordond or by `cordon scan` with
// the configuration, the pool's listener and a control socket as descriptors. The only program with
// libclamav in it, and the one in which calls for files and memory report to the I/O guard.
#include <array>

#include "conf/base/program.h"
#include "scoring/scanner/antivirus_task.h"
#include "scoring/scanner/clam_engine.h"
#include "scoring/scanner/io_interpose.h"
#include "scoring/scanner/memory_interpose.h"
#include "scoring/scanner/scanner_program.h"

namespace cordon {

namespace {

constexpr const char* kUsage =
    "usage: cordon-antivirus --config-fd N --listen-fd N --control-fd N\n"
    "       cordon-antivirus --check-database --config-fd N\n"
    "Started by cordond and by cordon, which open the descriptors. See cordon-scanner(8).\n";

int check_signatures(const Configuration& configuration) {
    const auto checked = ClamEngine::check_files(configuration.clamav.database);
    return checked ? kExitOk : end_with(checked.error().what, kExitUnavailable);
}

constexpr std::array kShortTasks = {ShortTask{"--check-database", check_signatures}};

}  // namespace

}  // namespace cordon

int main(int argc, char** argv) {
    using namespace cordon;
    return run_scanner(
        {"cordon-antivirus", kUsage, PoolKind::antivirus, make_antivirus_task, kShortTasks}, argc,
        argv);
}
