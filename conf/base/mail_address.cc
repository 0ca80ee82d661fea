// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/mail_address.h"

#include <idn2.h>

#include <algorithm>
#include <memory>

#include "conf/base/text.h"

namespace cordon {

std::string_view without_brackets(std::string_view path) {
    path = trim(path);
    if (path.size() >= 2 && path.front() == '<' && path.back() == '>')
        return path.substr(1, path.size() - 2);
    return path;
}

namespace {

constexpr std::size_t kMaxDomainBytes = 255;  // RFC 5321 section 4.5.3.1.2

struct FreeIdn {
    void operator()(char* text) const { ::idn2_free(text); }
};

/// The A-labels of a domain in UTF-8; empty when it has none.
std::string ascii_domain(const std::string& domain) {
    if (domain.size() > kMaxDomainBytes || domain.find('\0') != std::string::npos) return {};
    char* out = nullptr;
    const int code =
        ::idn2_to_ascii_8z(domain.c_str(), &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const std::unique_ptr<char, FreeIdn> owned(out);
    return code == IDN2_OK && owned ? std::string(owned.get()) : std::string();
}

}  // namespace

std::string domain_key(std::string_view domain) {
    auto out = lower(domain);
    if (out.ends_with('.')) out.pop_back();
    const bool is_ascii = std::all_of(out.begin(), out.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (is_ascii) return out;
    auto ascii = ascii_domain(out);
    return ascii.empty() ? out : lower(ascii);
}

std::string domain_of(std::string_view address) {
    const auto at = address.rfind('@');
    return at == std::string_view::npos ? std::string() : domain_key(address.substr(at + 1));
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
