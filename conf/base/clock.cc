// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/clock.h"

#include <fmt/chrono.h>

#include <array>
#include <ctime>

namespace cordon {

namespace {

std::tm utc(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm out{};
    ::gmtime_r(&time, &out);
    return out;
}

}  // namespace

std::int64_t unix_time() {
    return std::time(nullptr);
}

std::string utc_timestamp(std::int64_t unix_seconds) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", utc(unix_seconds));
}

std::string rfc5322_date(std::int64_t unix_seconds) {
    // Not strftime's %a and %b: names of days and months must not follow the locale.
    constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto tm = utc(unix_seconds);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000",
                       kDays.at(static_cast<std::size_t>(tm.tm_wday)), tm.tm_mday,
                       kMonths.at(static_cast<std::size_t>(tm.tm_mon)), tm.tm_year + 1900,
                       tm.tm_hour, tm.tm_min, tm.tm_sec);
}

}  // namespace cordon
