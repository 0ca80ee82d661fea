// SPDX-License-Identifier: GPL-2.0-only
// Every word of a digest, by language. A further language is a further row here and a value of
// Language.
#pragma once

#include <string_view>

#include "conf/quarantine_values.h"

namespace cordon {

/// {} stands for what the name says.
struct DigestWords {
    std::string_view tag;  // RFC 5646
    std::string_view sender;
    std::string_view subject_one;
    std::string_view subject_count;
    std::string_view greeting_address;
    std::string_view from;
    std::string_view subject;
    std::string_view received;
    std::string_view reason;
    std::string_view release;
    std::string_view score_score;
    std::string_view unscanned;
    std::string_view encrypted;
    std::string_view oversize;
    std::string_view other_reason;
    std::string_view virus_name;
    std::string_view no_subject;
    std::string_view more_count;
    std::string_view how_address;
    std::string_view kept_date;
    std::string_view no_answer;
};

const DigestWords& digest_words(Language language);

}  // namespace cordon
