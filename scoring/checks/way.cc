// SPDX-License-Identifier: GPL-2.0-only
// The way a message came, as its Received fields and the session tell it: machines that do not send
// mail, names that are no names, clocks that disagree.
#include "scoring/analysis/trail.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/analysis/derived.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/analysis/mail_date.h"
#include "scoring/message/url_domain.h"

namespace cordon {

namespace {

constexpr std::int64_t kHour = 3600;

constexpr std::array kRules = {
    CheckRule{"TRAIL_DIALUP", 0.7, "A household's line handed the message to a server unasked"},
    CheckRule{"TRAIL_UNNAMED", 0.6, "A client without a name in the DNS sent the message"},
    CheckRule{"TRAIL_HELO_PC", 1.5, "The message began on a machine that greeted like a bare PC"},
    CheckRule{"TRAIL_HELO_LOCAL", 0.5, "A client of the Internet greeted as localhost"},
    CheckRule{"TRAIL_HELO_FORGED_IP", 1.3, "A client greeted with an address that is not its own"},
    CheckRule{"TRAIL_HELO_BIG_FORGED", 1.5, "A client greeted as a large provider that it is not"},
    CheckRule{"TRAIL_DATE_AHEAD", 1.1, "The Date lies after the message was under way"},
    CheckRule{"TRAIL_DATE_BEHIND", 2.0, "The Date lies more than a day before the message set out"},
    CheckRule{"HELO_UNKNOWN_TLD", 1.8,
              "The client greets with a name below a domain that does not exist"},
    CheckRule{"HELO_IS_US", 2.0, "The client greets with the recipient's domain"},
};

constexpr std::array<std::string_view, 12> kBigProviders = {
    "aol.com",       "gmail.com", "google.com",  "hotmail.com", "icloud.com", "live.com",
    "microsoft.com", "msn.com",   "outlook.com", "yahoo.co.jp", "yahoo.com",  "yandex.ru"};

bool greets_like_pc(std::string_view helo) {
    if (helo == "user" || helo == "friend" || helo == "pc" || helo == "admin" || helo == "computer")
        return true;
    constexpr std::array<std::string_view, 4> kPrefixes = {"win-", "desktop-", "laptop-",
                                                           "ec2amaz-"};
    return helo.find('.') == std::string_view::npos &&
           std::any_of(kPrefixes.begin(), kPrefixes.end(),
                       [&](std::string_view prefix) { return helo.starts_with(prefix); });
}

void check_greeting(const Hop& hop, Hits& hits) {
    if (greets_like_pc(hop.helo)) hits.add("TRAIL_HELO_PC", hop.helo);
    const bool is_local =
        hop.helo == "localhost" || hop.helo.ends_with(".localdomain") || hop.helo == "127.0.0.1";
    if (is_local) hits.add("TRAIL_HELO_LOCAL", hop.client->to_string() + " greeted as " + hop.helo);
    const auto said = IpAddress::parse(hop.helo);
    if (said && is_public(*said) && *said != *hop.client)
        hits.add("TRAIL_HELO_FORGED_IP", hop.client->to_string() + " greeted as " + hop.helo);
    const std::string owner = owner_of(hop.helo);
    const bool is_big =
        std::find(kBigProviders.begin(), kBigProviders.end(), owner) != kBigProviders.end();
    const bool is_other = hop.is_unnamed || (!hop.name.empty() && owner_of(hop.name) != owner);
    if (is_big && is_other && hop.helo == owner)
        hits.add("TRAIL_HELO_BIG_FORGED", hop.client->to_string() + " greeted as " + hop.helo);
}

void check_hop(const Hop& hop, Hits& hits) {
    if (hop.is_authenticated || !hop.client || !is_public(*hop.client)) return;
    check_greeting(hop, hits);
    if (hop.is_unnamed) hits.add("TRAIL_UNNAMED", hop.client->to_string());
    const std::string& name = hop.name.empty() ? hop.helo : hop.name;
    if (is_dialup_name(name)) hits.add("TRAIL_DIALUP", name);
}

/// The first server's clock is better than the author's: travel takes seconds, queues hours.
void check_clock(const CheckInput& input, const std::vector<Hop>& trail, Hits& hits) {
    const HeaderField* field = input.message.headers().first("Date");
    if (field == nullptr || trail.empty()) return;
    const auto date = parse_mail_date(unfold(field->value));
    std::int64_t first = 0;
    for (const auto& hop : trail) {
        if (hop.unix_seconds != 0) first = hop.unix_seconds;
    }
    if (!date || first == 0) return;
    const std::string detail = unfold(field->value) + ", received " +
                               std::to_string((first - date->unix_seconds) / kHour) +
                               " hours later";
    if (date->unix_seconds > first + 2 * kHour) hits.add("TRAIL_DATE_AHEAD", detail);
    if (date->unix_seconds < first - 24 * kHour) hits.add("TRAIL_DATE_BEHIND", detail);
}

void check_session(const CheckInput& input, Hits& hits) {
    const auto& envelope = input.envelope;
    const std::string helo = lower(envelope.helo);
    if (helo.empty() || !envelope.auth_user.empty() || envelope.client.is_loopback()) return;
    const auto dot = helo.rfind('.');
    const bool is_name =
        dot != std::string::npos && !helo.starts_with('[') && !IpAddress::parse(helo);
    const std::string tld = is_name ? helo.substr(dot + 1) : "";
    constexpr std::array<std::string_view, 6> kInside = {"local",    "lan",  "localdomain",
                                                         "internal", "home", "corp"};
    const bool is_inside = std::find(kInside.begin(), kInside.end(), tld) != kInside.end();
    if (is_name && !tld.empty() && !is_inside && !is_known_tld(tld))
        hits.add("HELO_UNKNOWN_TLD", helo);
    for (const auto& recipient : envelope.recipients) {
        const auto at = recipient.rfind('@');
        if (at == std::string::npos || lower(std::string_view(recipient).substr(at + 1)) != helo)
            continue;
        return hits.add("HELO_IS_US", helo);
    }
    const auto& own = input.site.own_domains;
    if (std::find(own.begin(), own.end(), helo) != own.end()) hits.add("HELO_IS_US", helo);
}

void run(const CheckInput& input, Hits& hits) {
    const auto& trail = trail_of(input);
    for (const auto& hop : trail) check_hop(hop, hits);
    if (input.envelope.client.is_known() && is_public(input.envelope.client)) {
        const std::string helo = lower(input.envelope.helo);
        if (greets_like_pc(helo)) hits.add("TRAIL_HELO_PC", helo);
    }
    check_clock(input, trail, hits);
    check_session(input, hits);
}

}  // namespace

extern const Check check_way;
const Check check_way = {"way", kRules, run};

}  // namespace cordon
