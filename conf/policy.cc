// SPDX-License-Identifier: GPL-2.0-only
#include "conf/policy.h"

#include "conf/base/mail_address.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr int kMaxAliasSteps = 8;  // an alias of an alias; a circle ends here

const Policy* lookup(const std::map<std::string, Policy, std::less<>>& table,
                     std::string_view key) {
    const auto found = table.find(key);
    return found == table.end() ? nullptr : &found->second;
}

/// "alice+lists@example.org" -> "alice@example.org"
std::string without_extension(std::string_view address, const PolicyTable& table) {
    const auto at = address.rfind('@');
    const auto begin = address.substr(0, at).find_first_of(table.recipient_delimiter);
    if (begin == std::string_view::npos || begin == 0) return std::string(address);
    return std::string(address.substr(0, begin)) + std::string(address.substr(at));
}

}  // namespace

void PolicyTable::set_domain(std::string_view domain, Policy policy) {
    domains_.insert_or_assign(domain_key(domain), std::move(policy));
}

void PolicyTable::set_user(std::string_view address, Policy policy) {
    users_.insert_or_assign(mailbox_key(address), std::move(policy));
}

const Policy* PolicyTable::domain(std::string_view name) const {
    return lookup(domains_, domain_key(name));
}

std::string PolicyTable::user_section(const std::string& key) const {
    if (users_.contains(key)) return key;
    auto plain = without_extension(key, *this);
    return users_.contains(plain) ? plain : std::string();
}

PolicyTable::Selection PolicyTable::select(std::string_view address) const {
    Selection out;
    out.address = mailbox_key(address);
    if (out.address.find('@') == std::string::npos) return out;
    for (int step = 0; step < kMaxAliasSteps; ++step) {
        out.user = user_section(out.address);
        if (!out.user.empty()) break;
        auto target = address_map.target(out.address);
        if (target.empty()) target = address_map.target(without_extension(out.address, *this));
        if (target.empty() || target == out.address) break;
        out.address = std::move(target);
    }
    const auto domain = out.address.substr(out.address.rfind('@') + 1);
    if (domains_.contains(domain)) out.domain = domain;
    return out;
}

const Policy& PolicyTable::for_recipient(std::string_view address) const {
    const auto selection = select(address);
    const auto* const found = selection.user.empty() ? lookup(domains_, selection.domain)
                                                     : lookup(users_, selection.user);
    return found == nullptr ? site : *found;
}

}  // namespace cordon
