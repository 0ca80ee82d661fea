// SPDX-License-Identifier: GPL-2.0-only
// What the memory of senders adds to a verdict, both ways, and under which names a message is
// remembered.
#pragma once

#include "scoring/judge/verdict.h"

namespace cordon {

/// The proven identities of a message, the nearest first: "author a@b", "domain b", "network
/// IPv4 c00002". Nothing that the sender merely wrote.
std::vector<std::string> identities_of(const Evidence& evidence);

void add_memory(Verdict& verdict, const Recollection& memory, const Catalogue& catalogue);

}  // namespace cordon
