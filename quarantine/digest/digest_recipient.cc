// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/digest/digest_recipient.h"

#include <algorithm>
#include <array>

#include "conf/base/mail_address.h"

namespace cordon {

namespace {

/// Programs and the machinery of mailing lists (RFC 2142 section 6, and common list software).
bool is_service(std::string_view address) {
    constexpr std::array<std::string_view, 3> kNames = {"mailer-daemon", "nobody", "majordomo"};
    constexpr std::array<std::string_view, 9> kEnds = {"-request",     "-owner",     "-bounces",
                                                       "-admin",       "-subscribe", "-join",
                                                       "-unsubscribe", "-leave",     "-confirm"};
    const auto local = address.substr(0, address.rfind('@'));
    return local.starts_with("owner-") ||
           std::find(kNames.begin(), kNames.end(), local) != kNames.end() ||
           std::any_of(kEnds.begin(), kEnds.end(), [&](auto end) { return local.ends_with(end); });
}

/// The address whose policy counts.
std::string person_of(const Configuration& c, std::string_view address) {
    const auto selection = c.policy.select(address);
    return selection.user.empty() ? selection.address : selection.user;
}

/// "alice+lists@example.org" of "alice@example.org"
bool is_extension(const Configuration& c, std::string_view whole, std::string_view base) {
    const auto at = base.rfind('@');
    const auto whole_at = whole.rfind('@');
    return at != std::string_view::npos && whole_at != std::string_view::npos && at != 0 &&
           whole_at > at && whole.substr(whole_at) == base.substr(at) &&
           whole.substr(0, at) == base.substr(0, at) &&
           c.policy.recipient_delimiter.find(whole[at]) != std::string::npos;
}

}  // namespace

std::string own_recipient(const Configuration& c, std::string_view path) {
    auto address = person_of(c, without_brackets(path));
    const auto domain = domain_of(address);
    const auto& own = c.cordon.own_domains.value;
    const bool is_own = std::any_of(own.begin(), own.end(),
                                    [&](const auto& name) { return domain_key(name) == domain; });
    if (!is_own || !is_mailbox(address) || is_service(address)) return {};
    for (const auto& ours : {c.quarantine.mailbox, c.quarantine.answer_address()})
        if (is_same_mailbox(address, ours)) return {};
    return address;
}

std::string digest_address(const Configuration& c, std::string_view path) {
    const auto received = without_brackets(path);
    if (!c.policy.for_recipient(received).digest) return {};
    auto address = own_recipient(c, path);
    const auto& excluded = c.quarantine.digest_exclude;
    if (excluded.contains(address) || excluded.contains(mailbox_key(received))) address.clear();
    return address;
}

bool is_same_person(const Configuration& c, std::string_view a, std::string_view b) {
    const auto one = mailbox_key(without_brackets(a));
    const auto other = mailbox_key(without_brackets(b));
    if (one.empty() || other.empty()) return false;
    return one == other || person_of(c, one) == person_of(c, other) ||
           is_extension(c, one, other) || is_extension(c, other, one);
}

}  // namespace cordon
