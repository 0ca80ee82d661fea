// SPDX-License-Identifier: GPL-2.0-only
// The C boundary to libmilter: each callback translates its arguments, calls the session and
// translates the answer. No exception crosses it; nothing is decided here.
#pragma once

#include <libmilter/mfapi.h>

#include "milter/session.h"

namespace cordon {

/// Before smfi_register; `process` outlives smfi_main.
void set_milter_process(MilterProcess* process);

smfiDesc milter_description();

}  // namespace cordon
