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
    CheckRule{"FILE_REMOTE_TEMPLATE", 3.0,
              "An office document that fetches its template or an object from elsewhere"},
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

bool is_elsewhere(std::string_view target) {
    return istarts_with(target, "http:") || istarts_with(target, "https:") ||
           istarts_with(target, "ftp:") || istarts_with(target, "mhtml:") ||
           istarts_with(target, "\\\\") ||
           (istarts_with(target, "file://") && !istarts_with(target, "file:///"));
}

/// Links that people follow are ordinary; these are fetched when the document is opened.
bool is_fetched(std::string_view element) {
    for (const auto* const kind : {"/attachedTemplate", "/oleObject", "/frame", "/subDocument"}) {
        if (icontains(element, kind)) return true;
    }
    return false;
}

/// The value of an attribute of an XML element; the writers of such files use no entities in it.
std::string_view attribute(std::string_view element, std::string_view name) {
    for (std::size_t at = element.find(name); at < element.size(); at = element.find(name, at)) {
        at += name.size();
        std::string_view rest = trim(element.substr(at));
        if (!rest.starts_with('=')) continue;
        rest = trim(rest.substr(1));
        if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) continue;
        return trim(rest.substr(1, rest.find(rest[0], 1) - 1));
    }
    return {};
}

void check_relationships(const SurveyedMember& member, Hits& hits) {
    std::string_view rest = member.head;
    for (std::size_t at = rest.find("Relationship "); at < rest.size();
         at = rest.find("Relationship ")) {
        rest.remove_prefix(at);
        const auto element = rest.substr(0, rest.find('>'));
        rest.remove_prefix(element.size());
        if (is_fetched(attribute(element, "Type")) && is_elsewhere(attribute(element, "Target")))
            hits.add("FILE_REMOTE_TEMPLATE", member.name);
    }
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
        if (is_relationships(member.name)) check_relationships(member, hits);
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
