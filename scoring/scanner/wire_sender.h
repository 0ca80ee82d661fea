// SPDX-License-Identifier: GPL-2.0-only
// The part of an Analysis that lookups need, as it stands in a worker's answer: bounded when
// written, hostile when read.
#pragma once

#include "conf/base/ipc.h"
#include "conf/base/result.h"
#include "scoring/analysis/analysis.h"

namespace cordon {

/// At most 300 of them, in 36 KB.
void write_files(RecordWriter& out, const std::vector<FileFact>& files);
Result<void> read_files(RecordReader& in, std::vector<FileFact>& files);

/// Takes at most half a record; a chain that does not fit is a broken one, and says so.
void write_sender(RecordWriter& out, const Analysis& analysis);
Result<void> read_sender(RecordReader& in, Analysis& out);

}  // namespace cordon
