// SPDX-License-Identifier: GPL-2.0-only
// What an outcome of libclamav means: a virus, a score, or a reason why the object was not read.
// Clean is what is left when the code is CL_CLEAN and no call failed.
#pragma once

#include "conf/signature_map.h"
#include "scoring/analysis/analysis.h"
#include "scoring/scanner/clam_engine.h"

namespace cordon {

/// Whether libclamav passed over something since it, with all before, was too many bytes.
bool is_over_size(const ClamOutcome& outcome);

/// Adds what the outcome of one object says. `is_space_private`: the temporary space belongs to
/// this message alone, so that a full one is the message's fault and not ours. The administrator's
/// word on signatures goes over ours, except on what could not be read.
void add_outcome(const ClamOutcome& outcome, bool is_space_private, AntivirusResult& result,
                 const SignatureMap& signatures = {});

/// Whether the alert may stand before another that counts more: libclamav stops at the first one,
/// and to it each is as good as the other.
bool may_hide_others(const ClamOutcome& outcome, const SignatureMap& signatures);

}  // namespace cordon
