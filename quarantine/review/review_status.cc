// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/review/review_status.h"

#include <fmt/format.h>

#include "conf/base/text.h"

namespace cordon {

namespace {
constexpr std::string_view kHead = "cordon-review-status=1";
}

std::string encode_review_status(const ReviewStatus& s) {
    return fmt::format(
        "{}\nconnected={}\nproblem={}\nsince={}\nswept={}\nitems={}\nwaiting={}\nforeign={}\n"
        "missed={}\n",
        kHead, s.is_connected ? 1 : 0, printable(s.problem, 1000), s.since, s.swept_at, s.items,
        s.waiting, s.foreign, s.missed);
}

Result<ReviewStatus> decode_review_status(std::string_view text) {
    ReviewStatus out;
    const auto lines = split(text, '\n');
    if (lines.front() != kHead) return fail("no status of this version");
    for (const auto line : lines) {
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const auto key = line.substr(0, equals);
        const auto value = line.substr(equals + 1);
        const auto number = parse_unsigned(value).value_or(0) & INT64_MAX;
        if (key == "connected") out.is_connected = number == 1;
        if (key == "problem") out.problem = value;
        if (key == "since") out.since = static_cast<std::int64_t>(number);
        if (key == "swept") out.swept_at = static_cast<std::int64_t>(number);
        if (key == "items") out.items = number;
        if (key == "waiting") out.waiting = number;
        if (key == "foreign") out.foreign = number;
        if (key == "missed") out.missed = number;
    }
    return out;
}

std::string review_status_path(const std::string& run_directory) {
    return run_directory + "/review.status";
}

}  // namespace cordon
