// SPDX-License-Identifier: GPL-2.0-only
// Characters chosen to deceive eyes or filters (Unicode Technical Report 36).
#include <array>

#include "scoring/analysis/scripts.h"
#include "scoring/checks/check.h"
#include "scoring/message/url_domain.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"SUBJECT_ZERO_WIDTH", 2.0, "Invisible characters inside words of the subject"},
    CheckRule{"SUBJECT_DIRECTION", 1.5, "The subject overrides the reading direction"},
    CheckRule{"SUBJECT_MIXED_SCRIPTS", 3.0, "Words of the subject mix letters that look alike"},
    CheckRule{"SUBJECT_FANCY_LETTERS", 1.9, "The subject is written in letters of mathematics"},
    CheckRule{"FROM_ZERO_WIDTH", 2.5, "Invisible characters inside the name in From"},
    CheckRule{"FROM_MIXED_SCRIPTS", 2.5, "The name in From mixes letters that look alike"},
    CheckRule{"FROM_FANCY_LETTERS", 1.5, "The name in From is written in letters of mathematics"},
    CheckRule{"SUBJECT_MARKED_LETTERS", 2.1, "Letters of the subject are struck through or marked"},
    CheckRule{"FROM_MARKED_LETTERS", 2.6,
              "Letters of the name in From are struck through or marked"},
    CheckRule{"BODY_MARKED_LETTERS", 2.0, "Letters of the text are struck through or marked"},
    CheckRule{"BODY_FANCY_LETTERS", 1.0, "The text is written in letters of mathematics"},
    CheckRule{"LINK_MIXED_SCRIPTS", 2.0, "A host name in a link mixes letters that look alike"},
    CheckRule{"BODY_ZERO_WIDTH", 1.5, "Invisible characters inside many words of the text"},
    CheckRule{"BODY_DIRECTION", 0.5, "The text overrides the reading direction"},
    CheckRule{"BODY_MIXED_SCRIPTS", 3.0, "Words of the text mix letters that look alike"},
};

void check_subject(const CheckInput& input, Hits& hits) {
    const std::string subject = input.message.subject();
    const auto found = find_character_tricks(subject);
    if (found.zero_width > 0) hits.add("SUBJECT_ZERO_WIDTH", subject);
    if (found.direction > 0) hits.add("SUBJECT_DIRECTION", subject);
    if (found.mixed_words > 0) hits.add("SUBJECT_MIXED_SCRIPTS", found.mixed_word);
    if (found.fancy_letters > 3) hits.add("SUBJECT_FANCY_LETTERS", subject);
    if (found.marked_letters > 2) hits.add("SUBJECT_MARKED_LETTERS", subject);
}

void check_from(const CheckInput& input, Hits& hits) {
    const std::string from = input.message.header_text("From");
    const auto found = find_character_tricks(from);
    if (found.zero_width > 0) hits.add("FROM_ZERO_WIDTH", from);
    if (found.mixed_words > 0) hits.add("FROM_MIXED_SCRIPTS", found.mixed_word);
    if (found.fancy_letters > 3) hits.add("FROM_FANCY_LETTERS", from);
    if (found.marked_letters > 2) hits.add("FROM_MARKED_LETTERS", from);
}

void check_links(const CheckInput& input, Hits& hits) {
    for (const auto& link : input.message.links()) {
        const auto found = find_character_tricks(unicode_host(link.url.host));
        if (found.mixed_words > 0) return hits.add("LINK_MIXED_SCRIPTS", link.url.host);
    }
}

void run(const CheckInput& input, Hits& hits) {
    check_subject(input, hits);
    check_from(input, hits);
    check_links(input, hits);
    for (const auto& text : input.message.texts()) {
        const auto found = find_character_tricks(text.text);
        if (found.zero_width > 5) hits.add("BODY_ZERO_WIDTH", std::to_string(found.zero_width));
        if (found.direction > 0) hits.add("BODY_DIRECTION", std::to_string(found.direction));
        if (found.mixed_words > 2) hits.add("BODY_MIXED_SCRIPTS", found.mixed_word);
        if (found.marked_letters > 5)
            hits.add("BODY_MARKED_LETTERS", std::to_string(found.marked_letters));
        if (found.fancy_letters > 10)
            hits.add("BODY_FANCY_LETTERS", std::to_string(found.fancy_letters));
    }
}

}  // namespace

extern const Check check_unicode;
const Check check_unicode = {"unicode", kRules, run};

}  // namespace cordon
