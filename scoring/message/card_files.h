// SPDX-License-Identifier: GPL-2.0-only
// Files inside invitations and address cards: ATTACH, PHOTO and their kin in base64 (iCalendar,
// RFC 5545 section 3.1.3; vCard 2.1, 3.0 and, by data URI, 4.0). Clients show them as attachments.
#pragma once

#include <optional>
#include <string_view>

#include "scoring/message/message.h"

namespace cordon {

/// Whether clients take the part for an invitation or a card, by its type, name or first line.
bool is_card(const Part& part);

struct CardFile {
    std::string name;         // as stated; empty when it isn't
    std::string type;         // lower case media type; empty when not stated
    std::string_view base64;  // with line ends and blanks in it
};

/// The files of a card, one after another. Linear time.
class CardFiles {
 public:
    explicit CardFiles(std::string_view text) : text_(text) {}
    std::optional<CardFile> next();

 private:
    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace cordon
