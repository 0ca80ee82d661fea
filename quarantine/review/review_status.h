// SPDX-License-Identifier: GPL-2.0-only
// How the review agent fares, in a file of the run directory that `cordon doctor` and people read.
#pragma once

#include <cstdint>
#include <string>

#include "conf/base/result.h"

namespace cordon {

struct ReviewStatus {
    bool is_connected = false;
    std::string problem;  // empty: none
    std::int64_t since = 0;
    std::int64_t swept_at = 0;
    std::uint64_t items = 0;
    std::uint64_t waiting = 0;
    std::uint64_t foreign = 0;
    std::uint64_t missed = 0;  // the last so many held messages that the MTA did not bring

    friend bool operator==(const ReviewStatus&, const ReviewStatus&) = default;
};

std::string encode_review_status(const ReviewStatus& status);
Result<ReviewStatus> decode_review_status(std::string_view text);

/// RUN-DIRECTORY/review.status
std::string review_status_path(const std::string& run_directory);

}  // namespace cordon
