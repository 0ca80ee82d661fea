// SPDX-License-Identifier: GPL-2.0-only
// What the archives of a message hold, for rules: names and first bytes, and what kept them from
// being read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scoring/message/archive_walker.h"

namespace cordon {

struct Part;

struct SurveyedMember {
    int part = -1;  // the attachment that it stands in
    int depth = 1;
    std::string name;
    std::string head;  // its first bytes; of relationships more
    std::uint64_t size = 0;
    bool is_encrypted = false;
};

struct ArchiveSurvey {
    std::vector<SurveyedMember> members;
    std::vector<ArchiveNote> notes;
};

ArchiveSurvey survey_archives(const std::vector<Part>& parts, const Limits& limits);

}  // namespace cordon
