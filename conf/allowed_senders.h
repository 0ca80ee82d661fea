// SPDX-License-Identifier: GPL-2.0-only
// The authors whom reviewers allowed when they released a message: STATE-DIRECTORY/allowed-senders,
// written by cordon-keeper, part of every allow list. A line is `ADDRESS UNTIL ID WHO`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

struct AllowedSender {
    std::string address;     // never a domain
    std::int64_t until = 0;  // seconds since the epoch
    std::string id;          // of the message that was released
    std::string who;
};

std::string allowed_senders_file(const std::string& state_directory);

/// Those whose time is not over. A line that makes no sense allows nobody; a file that is not
/// there, or not for the eyes of this user, has none.
Result<std::vector<AllowedSender>> read_allowed_senders(const std::string& path, std::int64_t now);

Result<void> write_allowed_senders(const std::string& path,
                                   const std::vector<AllowedSender>& senders);

}  // namespace cordon
