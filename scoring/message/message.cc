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
    const HeaderField* const field = headers().first(name);
    return field == nullptr ? std::string() : decode_header_text(field->value);
}

}  // namespace cordon
