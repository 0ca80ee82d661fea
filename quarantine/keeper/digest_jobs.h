// SPDX-License-Identifier: GPL-2.0-only
// The keeper's part in digests. Times are given by the caller.
#pragma once

#include "quarantine/keeper/digest_messages.h"
#include "quarantine/keeper/keeper.h"

namespace cordon {

/// The last moment at or before `now` at which the clock of this host showed that time of day.
std::int64_t last_time_of_day(const TimeOfDay& time, std::int64_t now);

Result<TakeDigestAnswer> take_digest(Keeper& keeper, const TakeDigestRequest& request,
                                     std::int64_t now);
Result<void> record_digest(Keeper& keeper, const RecordDigestRequest& request, std::int64_t now);
Result<AnswerDigestAnswer> answer_digest(Keeper& keeper, const AnswerDigestRequest& request,
                                         std::int64_t now);

}  // namespace cordon
