// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/message.h"

#include "scoring/message/message_parser.h"

namespace cordon {

Message Message::parse(std::string_view bytes, const Limits& limits) {
    return MessageParser(bytes, limits).run();
}

const ArchiveSurvey& Message::archives() const {
    if (!archives_) archives_ = std::make_unique<ArchiveSurvey>(survey_archives(parts_, limits_));
    return *archives_;
}

std::string Message::header_text(std::string_view name) const {
    constexpr std::size_t kMaxBytes = 16U << 10U;  // nobody is shown more
    const HeaderField* const field = headers().first(name);
    return field == nullptr ? std::string() : decode_header_text(field->value.substr(0, kMaxBytes));
}

void Message::add_links(std::vector<Link> links) {
    for (auto& link : links)
        if (links_.size() < limits_.urls) links_.push_back(std::move(link));
}

}  // namespace cordon
