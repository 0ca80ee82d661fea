// SPDX-License-Identifier: GPL-2.0-only
// Envelope paths as the MTA hands them over.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "conf/base/mail_address.h"
#include "conf/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view path(reinterpret_cast<const char*>(data), size);
    const auto address = cordon::without_brackets(path);
    if (address.size() > path.size()) std::abort();
    const auto key = cordon::mailbox_key(address);
    // The ASCII form of an internationalised domain is longer, by a bounded factor (RFC 3492).
    const std::size_t longest = 8 * address.size();
    if (key.size() > longest) std::abort();
    if (!cordon::is_same_mailbox(address, address)) std::abort();
    if (cordon::domain_of(address).size() > longest) std::abort();
    if (cordon::is_mailbox(address) && cordon::domain_of(std::string(address) + ".").empty())
        std::abort();

    cordon::PolicyTable table;
    table.set_domain("example.org", {});
    table.set_user("alice@example.org", {});
    static_cast<void>(table.for_recipient(address));
    return 0;
}
