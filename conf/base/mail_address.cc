// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/mail_address.h"

#include <algorithm>

#include "conf/base/text.h"

namespace cordon {

std::string_view without_brackets(std::string_view path) {
    path = trim(path);
    if (path.size() >= 2 && path.front() == '<' && path.back() == '>')
        return path.substr(1, path.size() - 2);
    return path;
}

std::string domain_of(std::string_view address) {
    const auto at = address.rfind('@');
    if (at == std::string_view::npos) return {};
    auto domain = lower(address.substr(at + 1));
    if (domain.ends_with('.')) domain.pop_back();
    return domain;
}

namespace {

/// "@relay.example:alice@example.org" -> "alice@example.org" (RFC 5321 appendix C)
std::string_view without_route(std::string_view address) {
    const auto colon = address.find(':');
    return address.starts_with('@') && colon != std::string_view::npos ? address.substr(colon + 1)
                                                                       : address;
}

std::string unquoted(std::string_view local) {
    if (local.size() < 2 || local.front() != '"' || local.back() != '"') return std::string(local);
    std::string out;
    for (std::size_t i = 1; i + 1 < local.size(); ++i) {
        if (local[i] == '\\' && i + 2 < local.size()) ++i;
        out += local[i];
    }
    return out;
}

}  // namespace

std::string mailbox_key(std::string_view address) {
    address = without_route(address);
    const auto at = address.rfind('@');
    const std::string local = lower(unquoted(address.substr(0, at)));
    return at == std::string_view::npos ? local : local + "@" + domain_of(address);
}

bool is_same_mailbox(std::string_view a, std::string_view b) {
    return mailbox_key(a) == mailbox_key(b);
}

bool is_mailbox(std::string_view address) {
    const auto at = address.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > 64) return false;
    const auto domain = address.substr(at + 1);
    if (domain.empty() || domain.size() > 255) return false;
    const bool is_quoted = at >= 2 && address.front() == '"' && address[at - 1] == '"';
    if (!is_quoted && address.find('@') != at) return false;
    return std::none_of(address.begin(), address.end(), [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == 0x7F || c == '<' || c == '>' ||
               c == ',';
    });
}

}  // namespace cordon
