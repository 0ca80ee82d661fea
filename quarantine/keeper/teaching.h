// SPDX-License-Identifier: GPL-2.0-only
// What people decide about held mail is learned by a thread of its own, so that nobody who decides
// waits for a worker, and one after the other, so that the last word is the one that counts. What
// could not be learned is tried again for some hours, also by the next process.
#pragma once

#include "quarantine/keeper/keeper.h"

namespace cordon {

/// Notes what a person decided, if that is news: durable, and learned soon.
void teach(Keeper& keeper, const std::string& id, Learned what, const std::string& who);

/// Learns what is due, one lesson. The time of the next one; 0: there is none.
std::int64_t learn_due(Keeper& keeper, std::int64_t now);

/// Learns until `stop` is readable.
void learn_until(Keeper& keeper, int stop);

}  // namespace cordon
