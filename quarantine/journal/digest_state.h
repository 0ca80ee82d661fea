// SPDX-License-Identifier: GPL-2.0-only
// What the journal knows for digests: what is held for one recipient, and when he was told.
#pragma once

#include <cstdint>
#include <string>

namespace cordon {

struct HeldFor {
    std::string id;
    std::uint32_t number = 0;  // of the recipient among those of the message
    std::string path;          // as received
    std::int64_t received_at = 0;
    std::string mail_from;  // path
    std::string from;       // printable, as is all that follows
    std::string subject;
    std::string score;
    std::string reason;
    std::string virus;
};

/// Of one address.
struct DigestState {
    std::int64_t sent_at = 0;       // the last digest; 0: none yet
    std::int64_t listed_until = 0;  // what was received until then stood in it
    std::int64_t not_before = 0;    // after a failure
};

}  // namespace cordon
