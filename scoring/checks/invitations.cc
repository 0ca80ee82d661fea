// SPDX-License-Identifier: GPL-2.0-only
// Invitations (RFC 5545, RFC 6047): calendars enter them unasked, with whatever they link to, in
// the name of their ORGANIZER, which nobody compares with the author of the message.
#include <array>
#include <string>

#include "conf/base/text.h"
#include "scoring/analysis/derived.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/checks/check.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"INVITE_OTHER_ORGANIZER", 0.8,
              "The organiser of an invitation is of another domain than the author"},
    CheckRule{"INVITE_FREEMAIL_ORGANIZER", 0.8,
              "The organiser of an invitation is on free mail, the author is not"},
};

constexpr std::size_t kMaxBytes = 64U << 10U;  // where an organiser stands
constexpr std::size_t kMaxLine = 1000;

/// The address in "ORGANIZER;CN=Jane:mailto:jane@example.org", whose line may be folded.
std::string organizer_of(std::string_view calendar) {
    calendar = calendar.substr(0, kMaxBytes);
    for (std::size_t at = 0; at < calendar.size();) {
        const auto end = calendar.find('\n', at);
        if (istarts_with(calendar.substr(at, 10), "organizer:") ||
            istarts_with(calendar.substr(at, 10), "organizer;")) {
            std::string line;
            for (std::size_t i = at; i < calendar.size() && line.size() < kMaxLine; ++i) {
                const bool is_end = calendar[i] == '\n';
                const bool is_fold = is_end && i + 1 < calendar.size() && is_blank(calendar[i + 1]);
                if (is_end && !is_fold) break;
                if (is_fold)
                    ++i;
                else if (calendar[i] != '\r')
                    line += ascii_lower(calendar[i]);
            }
            const auto mailto = line.rfind("mailto:");
            return mailto == std::string::npos ? std::string() : line.substr(mailto + 7);
        }
        if (end == std::string_view::npos) break;
        at = end + 1;
    }
    return {};
}

void run(const CheckInput& input, Hits& hits) {
    const auto& from = authors_of(input);
    if (from.empty() || from.front().domain.empty()) return;
    const std::string author = owner_of(from.front().domain);
    for (const auto& part : input.message.parts()) {
        const bool is_calendar =
            part.type == "text/calendar" || istarts_with(part.bytes(), "BEGIN:VCALENDAR");
        if (!is_calendar) continue;
        const std::string address(trim(organizer_of(part.bytes())));
        const auto at = address.rfind('@');
        if (at == std::string::npos) continue;
        const std::string owner = owner_of(address.substr(at + 1));
        if (owner == author) continue;
        const std::string detail = "organiser " + address + ", From " + from.front().address();
        hits.add("INVITE_OTHER_ORGANIZER", detail);
        if (is_freemail(owner) && !is_freemail(author))
            hits.add("INVITE_FREEMAIL_ORGANIZER", detail);
    }
}

}  // namespace

extern const Check check_invitations;
const Check check_invitations = {"invitations", kRules, run};

}  // namespace cordon
