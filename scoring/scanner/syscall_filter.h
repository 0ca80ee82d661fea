// SPDX-License-Identifier: GPL-2.0-only
// The system calls a worker may make. Anything else ends it with a line on standard error that
// names the call: a libc that starts to use a new one must not turn all mail unscanned without a
// name.
#pragma once

#include "conf/base/result.h"

namespace cordon {

/// Asks libseccomp for the names of all calls; done once, before workers are forked.
void remember_system_call_names();

/// For good. Needs no_new_privs. `with_files`: the calls for temporary files as well.
Result<void> filter_system_calls(bool with_files);

}  // namespace cordon
