// SPDX-License-Identifier: GPL-2.0-only
// The records between the network side and the workers. A request carries the message as a sealed
// memfd (or a read-only file when it is large) and what content rules may know of the envelope; the
// answer is one record of at most kMaxRecordBytes and is read as hostile input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "conf/base/clock.h"
#include "conf/base/result.h"
#include "scoring/analysis/analysis.h"

namespace cordon {

constexpr std::uint8_t kWireVersion = 4;

/// `features` asks a content worker for what learning needs and for nothing else.
enum class ScanKind : std::uint8_t { analyse = 1, antivirus = 2, features = 3 };

struct ScanRequest {
    ScanKind kind = ScanKind::analyse;
    Deadline deadline{
        Steady::time_point()};  // the monotonic clock is one for all processes of a host
    std::uint64_t size = 0;     // bytes to judge; the descriptor has at least as many
    EnvelopeFacts envelope;
    bool with_features = false;  // in the answer to `analyse`
};

/// Recipients beyond the first hundred and bytes beyond SMTP's limits are left out.
std::string encode(const ScanRequest& request);
Result<ScanRequest> decode_request(std::string_view record);

/// Encoders cut lists from their end until the record fits and say so in `unread` (never silently).
std::string encode(const Analysis& analysis);
std::string encode(const AntivirusResult& result);

/// An answer that says only why there is none ("no database", "bad request").
std::string encode_failure(std::string_view reason);

/// Decoders accept printable UTF-8 only (other bytes become \xNN) and names of rules in
/// UPPER_SNAKE; a failure answer is an error with its reason.
Result<Analysis> decode_analysis(std::string_view record);
Result<AntivirusResult> decode_antivirus(std::string_view record);

}  // namespace cordon
