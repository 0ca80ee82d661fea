// SPDX-License-Identifier: GPL-2.0-only
// Whole messages: parsing ends, and what it returns is consistent.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "conf/base/text.h"
#include "scoring/message/charset.h"
#include "scoring/message/message.h"
#include "scoring/message/oddities.h"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

bool is_listed(std::string_view rule) {
    for (const auto& known : cordon::kOddityRules) {
        if (known.name == rule) return true;
    }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    cordon::Limits limits;
    limits.parts = 200;
    limits.depth = 10;
    limits.decoded_bytes = 1U << 20U;
    limits.text_bytes = 64U << 10U;
    const cordon::Message message = cordon::Message::parse(bytes, limits);
    require(!message.parts().empty() && message.parts().size() <= limits.parts);
    const auto count = static_cast<int>(message.parts().size());
    std::size_t decoded = 0;
    for (int i = 0; i < count; ++i) {
        const cordon::Part& part = message.parts()[static_cast<std::size_t>(i)];
        require(part.parent < i && part.reading < message.readings());
        require(!part.is_identity || part.decoded.empty());
        require(cordon::is_valid_utf8(part.name));
        decoded += part.decoded.size();
        // Touches every byte that the part refers to.
        std::size_t sum = 0;
        for (const char c : part.bytes()) sum += static_cast<unsigned char>(c);
        for (const auto& field : part.headers.fields())
            sum += field.name.size() + field.value.size();
        for (const auto& field : part.headers.fields()) {
            for (const char c : field.value) sum += static_cast<unsigned char>(c);
        }
        require(sum + 1 != 0);
    }
    require(decoded <= limits.decoded_bytes);
    for (const auto& oddity : message.oddities()) {
        require(is_listed(oddity.rule) && oddity.part < count);
        require(cordon::printable(oddity.detail, 100000) == oddity.detail ||
                oddity.detail.find('\\') != std::string::npos);
    }
    for (const auto& text : message.texts()) require(cordon::is_valid_utf8(text.text));
    require(cordon::is_valid_utf8(message.subject()));
    return 0;
}
