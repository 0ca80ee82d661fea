// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/digest/digest_mail.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/clock.h"
#include "conf/base/digest.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "quarantine/digest/digest_words.h"
#include "quarantine/item/item_text.h"

namespace cordon {

namespace {

constexpr std::size_t kShownBytes = 200;

bool is_name_byte(char c) {
    return is_digit(c) || is_alpha(c) || c < 0;  // beyond ASCII: letters of some script
}

std::string shown(std::string_view text) {
    auto out = without_addresses(printable_lines(utf8_prefix(text, kShownBytes)));
    std::replace(out.begin(), out.end(), '\n', ' ');
    return out;
}

/// "2026-11-24 07:13 UTC"
std::string moment(std::int64_t time) {
    auto text = utc_timestamp(time);
    text[10] = ' ';
    return text.substr(0, 16) + " UTC";
}

std::string reason_of(const DigestEntry& entry, const DigestWords& words) {
    const auto with = [](std::string_view text, const std::string& value) {
        return fmt::format(fmt::runtime(text), value);
    };
    if (!entry.virus.empty()) return with(words.virus_name, shown(entry.virus));
    if (entry.reason.starts_with("score ")) return with(words.score_score, shown(entry.score));
    if (entry.reason.starts_with("unscanned")) return std::string(words.unscanned);
    if (entry.reason.starts_with("encrypted")) return std::string(words.encrypted);
    if (entry.reason.starts_with("oversize")) return std::string(words.oversize);
    return std::string(words.other_reason);
}

/// RFC 6068; a token needs no escapes, an address might.
std::string release_address(const std::string& answers, const std::string& token) {
    std::string to;
    for (const char c : answers) {
        const bool is_plain = is_digit(c) || is_alpha(c) ||
                              std::string_view("@.-_+").find(c) != std::string_view::npos;
        to += is_plain
                  ? std::string(1, c)
                  : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return fmt::format("<mailto:{}?subject={}>", to, token);
}

std::string entry_text(const DigestEntry& entry, std::size_t number, const DigestWords& words,
                       const std::string& answers) {
    std::string out = fmt::format("{}. ", number);
    const std::string margin(out.size(), ' ');
    const auto line = [&](std::string_view name, const std::string& value) {
        out += fmt::format("{}{}: {}\n", out.ends_with('\n') ? margin : "", name, value);
    };
    line(words.from, shown(entry.from));
    line(words.subject,
         entry.subject.empty() ? std::string(words.no_subject) : shown(entry.subject));
    line(words.received, moment(entry.received_at));
    line(words.reason, reason_of(entry, words));
    if (!entry.token.empty()) line(words.release, release_address(answers, entry.token));
    return out + "\n";
}

std::string body_of(const Digest& digest, const DigestSender& sender, const DigestWords& words) {
    const auto with = [](std::string_view text, const auto& value) {
        return fmt::format(fmt::runtime(text), value);
    };
    std::string out = with(words.greeting_address, digest.address) + "\n\n";
    bool can_release = false;
    for (std::size_t i = 0; i < digest.entries.size(); ++i) {
        out += entry_text(digest.entries[i], i + 1, words, sender.answers);
        can_release |= !digest.entries[i].token.empty();
    }
    if (digest.more > 0) out += with(words.more_count, digest.more) + "\n\n";
    if (can_release) out += with(words.how_address, digest.address) + "\n\n";
    if (digest.kept_until > 0)
        out += with(words.kept_date, utc_timestamp(digest.kept_until).substr(0, 10)) + "\n\n";
    return out + std::string(words.no_answer) + "\n";
}

}  // namespace

std::string without_addresses(std::string_view text) {
    const std::string unlinked = without_links(text);
    std::string out;
    for (std::size_t i = 0; i < unlinked.size(); ++i) {
        const char c = unlinked[i];
        const bool is_between = i > 0 && i + 1 < unlinked.size() && is_name_byte(unlinked[i - 1]) &&
                                is_name_byte(unlinked[i + 1]);
        if (c == '@')
            out += "[at]";
        else if (c == '.' && is_between && !is_digit(unlinked[i + 1]))
            out += "[.]";
        else
            out += c;
    }
    return out;
}

std::string digest_mail(const Digest& digest, const DigestSender& sender) {
    const auto& words = digest_words(digest.language);
    const auto count = digest.entries.size() + digest.more;
    std::string out = address_field("From", words.sender, sender.answers);
    out += address_field("To", "", digest.address);
    out +=
        text_field("Subject", count == 1 ? std::string(words.subject_one)
                                         : fmt::format(fmt::runtime(words.subject_count), count));
    out += fmt::format("Date: {}\r\nMessage-ID: <{}.digest@{}>\r\n", rfc5322_date(sender.now),
                       make_message_id(), sender.host);
    out += fmt::format(
        "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"
        "MIME-Version: 1.0\r\nContent-Language: {}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
        words.tag);
    return out + quoted_printable(body_of(digest, sender, words));
}

}  // namespace cordon
