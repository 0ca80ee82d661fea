// SPDX-License-Identifier: GPL-2.0-only
// What cordond hands to the milter at start and at each reload, in one memfd: the effective
// configuration and the catalogue of rules, which belong together.
#pragma once

#include "conf/base/file_descriptor.h"
#include "scoring/gather/examination.h"

namespace cordon {

Result<UniqueFd> write_handover(const Configuration& configuration, const Catalogue& catalogue);
Result<SnapshotPtr> read_handover(int fd);

}  // namespace cordon
