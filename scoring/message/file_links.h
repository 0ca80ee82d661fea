// SPDX-License-Identifier: GPL-2.0-only
// Links in attached files that programs show as links: PDF, RTF, and invitations
// (iCalendar, RFC 5545).
#pragma once

#include <vector>

#include "scoring/message/message.h"

namespace cordon {

/// At most `limit` of them; none for files of other kinds.
std::vector<Url> links_in_file(const Part& part, std::size_t limit);

}  // namespace cordon
