// SPDX-License-Identifier: GPL-2.0-only
// Files in attached archives, however deep: by their names, as they are when somebody opens them.
#include <array>
#include <map>

#include "conf/base/text.h"
#include "scoring/analysis/content_type.h"
#include "scoring/analysis/file_name.h"
#include "scoring/checks/check.h"
#include "scoring/rules/antivirus_rules.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"ZIP_PROGRAM", 3.0, "An attached archive holds a program or script"},
    CheckRule{"ZIP_DISGUISED", 2.5, "An attached archive holds a file with a hidden extension"},
    CheckRule{kArchiveConflictRule, 6.0,
              "An attached archive holds other files for one program than for another"},
    CheckRule{"ZIP_DAMAGED", 1.0, "An attached archive is damaged or cut off"},
};

void check_member(const SurveyedMember& member, bool is_common_place, Hits& hits) {
    const bool is_hidden = has_double_extension(member.name) ||
                           has_direction_override(member.name) || has_padded_extension(member.name);
    if (is_hidden) hits.add("ZIP_DISGUISED", member.name);
    const ContentKind by_name = kind_of_extension(extension_of(member.name));
    const ContentKind by_content = content_type_of(member.head).kind;
    const bool is_program = by_name == ContentKind::program || by_content == ContentKind::program;
    if (is_program || (!is_common_place && runs_when_opened(by_name)))
        hits.add("ZIP_PROGRAM", member.name);
}

/// A Java archive or an office document is a zip too; what it holds is its own business. A picture
/// or a PDF is none.
bool is_container(const Part& part) {
    const std::string extension = lower(extension_of(part.name));
    const ContentKind kind = kind_of_extension(extension);
    if (extension.empty() || kind == ContentKind::archive) return false;
    if (!looks_harmless(kind)) return true;
    return extension.ends_with('x') || extension.ends_with('m') || extension == "xlsb" ||
           extension.starts_with("od");
}

void run(const CheckInput& input, Hits& hits) {
    const ArchiveSurvey& archives = input.message.archives();
    std::map<int, std::size_t> members_of;
    for (const SurveyedMember& member : archives.members) ++members_of[member.part];
    for (const SurveyedMember& member : archives.members) {
        const Part& part = input.message.parts()[static_cast<std::size_t>(member.part)];
        if (member.depth == 1 && is_container(part)) continue;
        // Archives of source code are full of .js, .cmd and .url files.
        check_member(member, members_of[member.part] > 10, hits);
    }
    for (const ArchiveNote& note : archives.notes) {
        if (note.trouble == ArchiveTrouble::conflict) hits.add(kArchiveConflictRule, note.detail);
        if (note.trouble == ArchiveTrouble::damaged) hits.add("ZIP_DAMAGED", note.detail);
        if (note.trouble == ArchiveTrouble::encrypted) hits.add("FILE_ENCRYPTED", note.detail);
    }
}

}  // namespace

extern const Check check_archives;
const Check check_archives = {"archives", kRules, run};

}  // namespace cordon
