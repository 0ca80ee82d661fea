// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/mail_date.h"

#include <array>
#include <chrono>
#include <vector>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxBytes = 200;
constexpr std::size_t kMaxWords = 12;

/// Words between blanks and commas; (comments) are left out.
std::vector<std::string_view> date_words(std::string_view text) {
    std::vector<std::string_view> found;
    std::size_t begin = 0;
    int comment = 0;
    const auto close = [&](std::size_t end) {
        if (end > begin && comment == 0 && found.size() < kMaxWords) {
            found.push_back(text.substr(begin, end - begin));
        }
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '(' || c == ')') {
            close(i);
            comment += c == '(' ? 1 : (comment > 0 ? -1 : 0);
            begin = i + 1;
        } else if (is_space(c) || c == ',') {
            close(i);
            begin = i + 1;
        }
    }
    close(text.size());
    return found;
}

std::optional<int> number(std::string_view text, unsigned limit) {
    const auto value = parse_unsigned(text);
    if (!value || *value > limit) return {};
    return static_cast<int>(*value);
}

std::optional<unsigned> month_of(std::string_view word) {
    constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
    for (unsigned i = 0; i < kMonths.size(); ++i) {
        if (istarts_with(word, kMonths[i])) return i + 1;
    }
    return {};
}

std::optional<int> year_of(std::string_view word) {
    auto year = number(word, 9999);
    if (!year) return {};
    if (*year < 50) return *year + 2000;
    return *year < 1000 ? *year + 1900 : *year;  // RFC 5322 section 4.3
}

std::optional<int> seconds_of(std::string_view word) {
    const auto fields = split(word, ':');
    if (fields.size() < 2 || fields.size() > 3) return {};
    const auto hour = number(fields[0], 23);
    const auto minute = number(fields[1], 59);
    const auto second = fields.size() == 3 ? number(fields[2], 60) : 0;
    if (!hour || !minute || !second) return {};
    return (*hour * 60 + *minute) * 60 + *second;
}

struct NamedZone {
    std::string_view name;
    int hours;
};

std::optional<int> zone_of(std::string_view word) {
    constexpr std::array kNamed = {NamedZone{"EST", -5}, NamedZone{"EDT", -4}, NamedZone{"CST", -6},
                                   NamedZone{"CDT", -5}, NamedZone{"MST", -7}, NamedZone{"MDT", -6},
                                   NamedZone{"PST", -8}, NamedZone{"PDT", -7}};
    if (word.size() == 5 && (word[0] == '+' || word[0] == '-')) {
        const auto hours = number(word.substr(1, 2), 99);
        const auto minutes = number(word.substr(3, 2), 99);
        if (!hours || !minutes) return {};
        return (word[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
    }
    for (const auto& zone : kNamed) {
        if (iequals(word, zone.name)) return zone.hours * 60;
    }
    return word.empty() || !is_alpha(word[0]) ? std::nullopt : std::optional(0);
}

}  // namespace

std::optional<MailDate> parse_mail_date(std::string_view text) {
    auto words = date_words(text.substr(0, kMaxBytes));
    if (!words.empty() && !is_digit(words.front().front())) words.erase(words.begin());
    if (words.size() < 4) return {};
    const auto day = number(words[0], 31);
    const auto month = month_of(words[1]);
    const auto year = year_of(words[2]);
    const auto seconds = seconds_of(words[3]);
    const auto zone = words.size() > 4 ? zone_of(words[4]) : 0;
    if (!day || !month || !year || !seconds || !zone) return {};
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return {};
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return MailDate{days * 86400 + *seconds - std::int64_t{*zone} * 60, *zone};
}

}  // namespace cordon
