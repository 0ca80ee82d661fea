// SPDX-License-Identifier: GPL-2.0-only
#include "conf/policy.h"

#include "conf/base/mail_address.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

const Policy* lookup(const std::map<std::string, Policy, std::less<>>& table,
                     std::string_view key) {
    const auto found = table.find(key);
    return found == table.end() ? nullptr : &found->second;
}

/// "alice+lists@example.org" -> "alice@example.org"
std::string without_extension(std::string_view address, std::size_t at) {
    const auto plus = address.substr(0, at).find('+');
    if (plus == std::string_view::npos || plus == 0) return std::string(address);
    return std::string(address.substr(0, plus)) + std::string(address.substr(at));
}

}  // namespace

void PolicyTable::set_domain(std::string_view domain, Policy policy) {
    domains_.insert_or_assign(lower(domain), std::move(policy));
}

void PolicyTable::set_user(std::string_view address, Policy policy) {
    users_.insert_or_assign(mailbox_key(address), std::move(policy));
}

const Policy* PolicyTable::domain(std::string_view name) const {
    return lookup(domains_, lower(name));
}

const Policy& PolicyTable::for_recipient(std::string_view address) const {
    const std::string key = mailbox_key(address);
    const auto at = key.rfind('@');
    if (at == std::string::npos) return site;
    if (const auto* policy = lookup(users_, key)) return *policy;
    if (const auto* policy = lookup(users_, without_extension(key, at))) return *policy;
    const auto* policy = lookup(domains_, std::string_view(key).substr(at + 1));
    return policy != nullptr ? *policy : site;
}

}  // namespace cordon
