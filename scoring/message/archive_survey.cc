// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/archive_survey.h"

#include <set>

#include "conf/base/digest.h"
#include "scoring/message/message.h"
#include "scoring/message/parser_error.h"
#include "scoring/message/zip.h"

namespace cordon {

namespace {

constexpr std::size_t kHead = 512;
constexpr std::size_t kMostRelationships = 64U << 10U;

}  // namespace

ArchiveSurvey survey_archives(const std::vector<Part>& parts, const Limits& limits) {
    ArchiveSurvey out;
    int index = 0;
    ArchiveWalker walker(limits, ArchiveEffort::survey, [&](const ArchiveMember& member) {
        const std::size_t most = is_relationships(member.name) ? kMostRelationships : kHead;
        out.members.push_back({index, member.depth, member.name,
                               std::string(member.bytes.substr(0, most)), member.size,
                               member.is_encrypted});
    });
    std::set<std::string> seen;  // other readings repeat most parts
    for (; static_cast<std::size_t>(index) < parts.size(); ++index) {
        const Part& part = parts[static_cast<std::size_t>(index)];
        const bool is_read_as_text =
            part.is_identity && !part.is_attachment() && part.type.starts_with("text/");
        if (part.is_multipart() || is_read_as_text) continue;
        if (!may_be_archive(part.bytes(), part.name)) continue;
        if (!seen.insert(sha256_hex(part.bytes()) + part.name).second) continue;
        in_part(static_cast<std::size_t>(index), "an archive",
                [&] { walker.walk(part.bytes(), part.name); });
    }
    out.notes = walker.notes();
    return out;
}

}  // namespace cordon
