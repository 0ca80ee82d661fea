// SPDX-License-Identifier: GPL-2.0-only
// The Date field against the time of arrival. Without a known time of arrival only its form counts.
#include <array>
#include <cstdlib>

#include "scoring/analysis/mail_date.h"
#include "scoring/checks/check.h"

namespace cordon {

namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 24 * kHour;
constexpr int kMaxZoneMinutes = 14 * 60;

constexpr std::array kRules = {
    CheckRule{"DATE_MISSING", 0.0, "The message has no Date"},
    CheckRule{"DATE_INVALID", 2.3, "The Date can't be understood"},
    CheckRule{"DATE_REPEATED", 0.0, "The message has more than one Date"},
    CheckRule{"DATE_FUTURE", 0.3, "The Date lies more than twelve hours in the future"},
    CheckRule{"DATE_PAST", 0.8, "The Date lies more than a week before the arrival"},
    CheckRule{"DATE_ZONE", 3.0, "The time zone of the Date does not exist"},
};

void run(const CheckInput& input, Hits& hits) {
    const auto& headers = input.message.headers();
    const HeaderField* field = headers.first("Date");
    if (field == nullptr) return hits.add("DATE_MISSING");
    if (headers.count("Date") > 1) hits.add("DATE_REPEATED");
    const auto date = parse_mail_date(unfold(field->value));
    if (!date) return hits.add("DATE_INVALID", unfold(field->value));
    const int minutes = std::abs(date->zone_minutes);
    if (minutes > kMaxZoneMinutes || minutes % 15 != 0) hits.add("DATE_ZONE", unfold(field->value));
    const std::int64_t arrival = input.envelope.received_at;
    if (arrival <= 0) return;
    if (date->unix_seconds > arrival + 12 * kHour) hits.add("DATE_FUTURE", unfold(field->value));
    if (date->unix_seconds < arrival - 7 * kDay) hits.add("DATE_PAST", unfold(field->value));
}

}  // namespace

extern const Check check_dates;
const Check check_dates = {"dates", kRules, run};

}  // namespace cordon
