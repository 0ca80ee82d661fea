// SPDX-License-Identifier: GPL-2.0-only
// DNS answers, as a server of the sender's may write them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "scoring/lookups/dns_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using cordon::DnsType;
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    for (const auto type : {DnsType::a, DnsType::aaaa, DnsType::mx, DnsType::ptr, DnsType::txt}) {
        const auto answer = cordon::parse_answer(bytes, {"o.example", type});
        std::size_t total = 0;
        for (const auto& text : answer.texts) total += text.size();
        if (total > size || answer.addresses.size() > size) std::abort();
    }
    return 0;
}
