// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/internet_name.h"

#include <idn2.h>
#include <libpsl.h>

#include <algorithm>

#include "conf/base/owned.h"
#include "scoring/lookups/dns.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxName = 1024;

void free_idn(char* text) {
    ::idn2_free(text);
}

}  // namespace

std::string ascii_domain(std::string_view domain) {
    auto name = normal_name(domain);
    const bool is_ascii =
        std::all_of(name.begin(), name.end(), [](char c) { return (c & '\x80') == 0; });
    if (is_ascii || name.size() > kMaxName || name.find('\0') != std::string::npos) return name;
    char* converted = nullptr;
    if (::idn2_to_ascii_8z(name.c_str(), &converted, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) !=
        IDN2_OK)
        return name;
    const Owned<char, free_idn> owner(converted);
    return normal_name(converted);
}

std::string organizational_domain(std::string_view domain) {
    auto name = normal_name(domain);
    if (name.size() > kMaxName || name.find('\0') != std::string::npos) return name;
    const char* const found = ::psl_registrable_domain(::psl_builtin(), name.c_str());
    return found == nullptr ? name : std::string(found);
}

std::string public_suffix_of(std::string_view domain) {
    const auto name = normal_name(domain);
    if (name.size() > kMaxName || name.find('\0') != std::string::npos) return {};
    const char* const found = ::psl_registrable_domain(::psl_builtin(), name.c_str());
    if (found == nullptr) return {};
    const std::string_view registered(found);
    const auto dot = registered.find('.');
    return dot == std::string_view::npos ? std::string() : std::string(registered.substr(dot + 1));
}

}  // namespace cordon
