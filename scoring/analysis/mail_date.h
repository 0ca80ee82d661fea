// SPDX-License-Identifier: GPL-2.0-only
// Dates of RFC 5322 section 3.3 and the obsolete forms of section 4.3, read leniently.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cordon {

struct MailDate {
    std::int64_t unix_seconds = 0;
    int zone_minutes = 0;  // east of Greenwich
};

std::optional<MailDate> parse_mail_date(std::string_view text);

}  // namespace cordon
