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
        FileFact file;
        file.extension = printable(lower(extension_of(name)), kMaxExtension);
        file.type = printable(content.media_type.empty() ? declared : content.media_type, kMaxType);
        if (!seen_.insert(file.extension + '/' + file.type).second) return;
        if (kinds_.files.size() >= kMaxKinds) {
            kinds_.is_complete = false;
            return;
        }
        file.name = printable(name, kMaxName);
        kinds_.files.push_back(std::move(file));
    }
    FileKinds take() { return std::move(kinds_); }

 private:
    FileKinds kinds_;
    std::set<std::string> seen_;
};

}  // namespace

FileKinds file_kinds(const Message& message) {
    Collector collector;
    for (const auto& part : message.parts()) {
        const bool is_file =
            !part.is_multipart() && (!part.name.empty() || !part.type.starts_with("text/"));
        if (!is_file) continue;
        collector.add(part.name, part.type, part.bytes());
        collector.add(part.name, part.type, {});  // what is declared counts beside what it is
    }
    for (const SurveyedMember& member : message.archives().members)
        collector.add(member.name, "application/octet-stream", member.head);
    return collector.take();
}

}  // namespace cordon
