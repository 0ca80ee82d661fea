// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/file_kinds.h"

#include <set>

#include "conf/base/text.h"
#include "scoring/analysis/content_type.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxKinds = 300;
constexpr std::size_t kMaxExtension = 16;
constexpr std::size_t kMaxType = 40;
constexpr std::size_t kMaxName = 50;

class Collector {
 public:
    void add(std::string_view name, std::string_view declared, std::string_view bytes) {
        const auto content = content_type_of(bytes);
        const auto extension = lower(extension_of(name));
        add_fact(name, extension, content.media_type.empty() ? declared : content.media_type);
        // A name that hides what the file is: it counts as if it were named for what it is.
        const auto usual = usual_extension(content.media_type);
        if (!usual.empty() && kind_of_extension(extension) != content.kind)
            add_fact(name, usual, content.media_type);
    }
    FileKinds take() { return std::move(kinds_); }

 private:
    void add_fact(std::string_view name, std::string_view extension, std::string_view type) {
        FileFact file;
        file.extension = printable(extension, kMaxExtension);
        file.type = printable(type, kMaxType);
        if (!seen_.insert(file.extension + '/' + file.type).second) return;
        if (kinds_.files.size() >= kMaxKinds) {
            kinds_.is_complete = false;
            return;
        }
        file.name = printable(name, kMaxName);
        kinds_.files.push_back(std::move(file));
    }

    FileKinds kinds_;
    std::set<std::string> seen_;
};

/// What a mail program offers to save. A text without a name is shown, unless it is a program.
bool is_file(const Part& part) {
    if (part.is_multipart()) return false;
    return !part.name.empty() || !part.type.starts_with("text/") ||
           content_type_of(part.bytes()).kind == ContentKind::program;
}

}  // namespace

FileKinds file_kinds(const Message& message) {
    Collector collector;
    for (const auto& part : message.parts()) {
        if (!is_file(part)) continue;
        collector.add(part.name, part.type, part.bytes());
        collector.add(part.name, part.type, {});  // what is declared counts beside what it is
    }
    for (const SurveyedMember& member : message.archives().members)
        collector.add(member.name, "application/octet-stream", member.head);
    return collector.take();
}

}  // namespace cordon
