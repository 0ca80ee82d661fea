// SPDX-License-Identifier: GPL-2.0-only
// Which verdicts are so clear that the classifier may learn from them by itself. Guarded: what was
// learned has no say in it, spam must be spam for several reasons, ham must be proven to be wanted;
// that something is unlike the one never makes it the other.
#pragma once

#include <optional>

#include "scoring/judge/verdict.h"

namespace cordon {

/// True: spam, false: ham, nothing: not clear.
std::optional<bool> clear_label(const Evidence& evidence, const Verdict& verdict,
                                const Policy& site);

}  // namespace cordon
