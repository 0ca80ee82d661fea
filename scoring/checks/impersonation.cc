// SPDX-License-Identifier: GPL-2.0-only
// Domains made to be taken for another: this site's own and those of well-known companies. Letters
// that look alike (Unicode Technical Standard 39), one letter changed, another ending, words added,
// the true name in front of a stranger's. The hit says whom it imitates.
#include <algorithm>
#include <array>
#include <set>

#include "conf/base/text.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/analysis/skeleton.h"
#include "scoring/checks/check.h"
#include "scoring/message/address.h"
#include "scoring/message/url_domain.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"FROM_LIKE_OWN_DOMAIN", 3.0, "From looks like an address of this site, but is none"},
    CheckRule{"REPLY_LIKE_OWN_DOMAIN", 3.0,
              "Answers go to a domain that looks like one of this site"},
    CheckRule{"LINK_LIKE_OWN_DOMAIN", 2.0, "A link's host looks like one of this site"},
    CheckRule{"OWN_NAME_OTHER_ENDING", 1.0, "This site's name under another ending"},
    CheckRule{"FROM_LIKE_COMPANY", 2.4, "From looks like a well-known company's domain"},
    CheckRule{"LINK_LIKE_COMPANY", 1.8, "A link's host looks like a well-known company's"},
};

constexpr std::size_t kMaxHosts = 50;
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kShortestOwn = 5;  // a shorter name has too many honest neighbours
constexpr std::size_t kShortestCompany = 6;

/// One letter replaced, left out or put in, or two swapped; not at the end, where plurals differ.
bool is_one_slip(std::string_view a, std::string_view b) {
    if (a == b || a.size() > b.size() + 1 || b.size() > a.size() + 1) return false;
    std::size_t same = 0;
    while (same < a.size() && same < b.size() && a[same] == b[same]) ++same;
    std::size_t tail = 0;
    while (tail < a.size() - same && tail < b.size() - same &&
           a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
        ++tail;
    }
    if (tail == 0) return false;
    const std::size_t in_a = a.size() - same - tail;
    const std::size_t in_b = b.size() - same - tail;
    const bool is_swap = in_a == 2 && in_b == 2 && a[same] == b[same + 1] && a[same + 1] == b[same];
    return is_swap || (in_a <= 1 && in_b <= 1);
}

struct Target {
    std::string domain;
    std::string label;  // the part below the public suffix
    std::string look;
};

Target target_of(std::string_view domain) {
    const std::string owner = owner_of(domain);
    const std::string label = owner.substr(0, owner.find('.'));
    return {owner, label, skeleton(unicode_host(label))};
}

/// "example-support", "secure-example": the name with words around it.
bool has_words_around(std::string_view label, std::string_view name) {
    const auto at = label.find(name);
    if (at == std::string_view::npos || label.size() == name.size()) return false;
    const bool begins = at == 0 || label[at - 1] == '-';
    const std::size_t end = at + name.size();
    return begins && (end == label.size() || label[end] == '-');
}

/// How `host` imitates; empty when it doesn't.
std::string_view imitation(const std::string& host, const Target& seen, const Target& target) {
    if (seen.domain == target.domain) return {};
    if (host.starts_with(target.domain + ".") ||
        host.find("." + target.domain + ".") != std::string::npos)
        return "its name stands in front";
    if (seen.label == target.label) return {};
    if (seen.look == target.look) return "letters that look alike";
    if (is_one_slip(seen.label, target.label)) return "one letter differs";
    return {};
}

struct Names {
    std::string_view own;      // rule for this site's domains
    std::string_view company;  // rule for companies' domains; empty: not asked
};

/// All companies' looks, made once.
const std::vector<Target>& companies() {
    static const std::vector<Target> all = [] {
        std::vector<Target> out;
        for (const auto domain : well_known_domains()) {
            Target target = target_of(domain);
            if (target.label.size() >= kShortestCompany) out.push_back(std::move(target));
        }
        return out;
    }();
    return all;
}

void check_host(const std::string& host, const CheckInput& input, const Names& names, Hits& hits) {
    const auto& own_domains = input.site.own_domains;
    const Target seen = target_of(host);
    if (seen.label.empty() || seen.label.size() > kMaxLabel) return;
    for (const auto& domain : own_domains) {
        const Target own = target_of(domain);
        if (seen.domain == own.domain) return;
    }
    for (const auto& domain : own_domains) {
        const Target own = target_of(domain);
        if (own.label.size() < kShortestOwn) continue;
        std::string_view how = imitation(host, seen, own);
        // Also the same firm abroad, or one that honestly has the same name: it weighs less, once.
        if (how.empty() && seen.label == own.label)
            return hits.add("OWN_NAME_OTHER_ENDING", host + " is named like " + domain);
        if (how.empty() && has_words_around(seen.label, own.label)) how = "words added";
        if (!how.empty())
            return hits.add(names.own, host + " imitates " + domain + ": " + std::string(how));
    }
    if (names.company.empty() || is_well_known(seen.domain)) return;
    for (const auto& company : companies()) {
        const auto how = imitation(host, seen, company);
        if (!how.empty()) {
            return hits.add(names.company,
                            host + " imitates " + company.domain + ": " + std::string(how));
        }
    }
}

std::string first_domain(const Message& message, std::string_view field_name) {
    const HeaderField* field = message.headers().first(field_name);
    if (field == nullptr) return {};
    const auto mailboxes = parse_mailboxes(field->value, 3);
    return mailboxes.empty() ? std::string() : mailboxes.front().domain;
}

void run(const CheckInput& input, Hits& hits) {
    if (!input.envelope.auth_user.empty()) return;
    const std::string from = first_domain(input.message, "From");
    if (!from.empty()) check_host(from, input, {"FROM_LIKE_OWN_DOMAIN", "FROM_LIKE_COMPANY"}, hits);
    const std::string reply = first_domain(input.message, "Reply-To");
    if (!reply.empty()) check_host(reply, input, {"REPLY_LIKE_OWN_DOMAIN", ""}, hits);
    std::set<std::string_view> seen;
    for (const auto& link : input.message.links()) {
        const bool is_clickable =
            link.source == LinkSource::anchor || link.source == LinkSource::text ||
            link.source == LinkSource::file || link.source == LinkSource::qr_code;
        if (!is_clickable || link.url.host.empty() || link.url.host_is_ip) continue;
        if (!seen.insert(link.url.host).second) continue;
        if (seen.size() > kMaxHosts) return;
        check_host(link.url.host, input, {"LINK_LIKE_OWN_DOMAIN", "LINK_LIKE_COMPANY"}, hits);
    }
}

}  // namespace

extern const Check check_impersonation;
const Check check_impersonation = {"impersonation", kRules, run};

}  // namespace cordon
