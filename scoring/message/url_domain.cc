// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/url_domain.h"

#include <libpsl.h>
#include <unicode/uidna.h>

#include <algorithm>
#include <array>
#include <memory>

#include "conf/base/text.h"

namespace cordon {
namespace {

constexpr std::size_t kNameBytes = 1024;

struct UidnaClose {
    void operator()(UIDNA* idna) const { uidna_close(idna); }
};

bool is_known_suffix(const std::string& name) {
    return psl_is_public_suffix2(psl_builtin(), name.c_str(),
                                 PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}

}  // namespace

std::string registered_domain(std::string_view host) {
    if (host.empty() || host.size() > kNameBytes || host.find('\0') != std::string_view::npos)
        return {};
    const auto dot = host.rfind('.');
    if (dot == std::string_view::npos || !is_known_tld(host.substr(dot + 1))) return {};
    const std::string name(host);
    const char* const domain = psl_registrable_domain(psl_builtin(), name.c_str());
    return domain == nullptr ? std::string() : std::string(domain);
}

bool is_known_tld(std::string_view tld) {
    const auto is_letter = [](char c) { return is_alpha(c) || (c & '\x80') != 0; };
    const bool is_plausible =
        tld.size() >= 2 && tld.size() <= 255 &&
        (tld.starts_with("xn--") || std::all_of(tld.begin(), tld.end(), is_letter));
    if (!is_plausible) return false;
    if (is_known_suffix(std::string(tld))) return true;
    // A few lands (.ck, .er, .fk, ...) delegate only below a second label.
    return tld.size() == 2 && is_known_suffix("co." + std::string(tld));
}

std::string unicode_host(std::string_view host) {
    if (!icontains(host, "xn--") || host.size() > kNameBytes) return std::string(host);
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<UIDNA, UidnaClose> idna(
        uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_UNICODE, &status));
    std::array<char, 4 * kNameBytes> buffer;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    if (U_FAILURE(status)) return std::string(host);
    const auto size =
        uidna_nameToUnicodeUTF8(idna.get(), host.data(), static_cast<int32_t>(host.size()),
                                buffer.data(), static_cast<int32_t>(buffer.size()), &info, &status);
    const bool is_valid = U_SUCCESS(status) && size >= 0 && info.errors == 0 &&
                          static_cast<std::size_t>(size) <= buffer.size();
    return is_valid ? std::string(buffer.data(), static_cast<std::size_t>(size))
                    : std::string(host);
}

}  // namespace cordon
