// SPDX-License-Identifier: GPL-2.0-only
// Header blocks in every reading, header text and MIME declarations.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/message/charset.h"
#include "scoring/message/headers.h"
#include "scoring/message/mime.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const cordon::Limits limits;
    for (const auto reading : {cordon::HeaderReading::strict, cordon::HeaderReading::cr_too,
                               cordon::HeaderReading::past_junk}) {
        const auto block = cordon::HeaderBlock::parse(bytes, limits, reading);
        if (block.body_offset > size) std::abort();
        for (const auto& field : block.fields()) {
            if (field.name.data() < bytes.data()) std::abort();
            if (field.value.data() + field.value.size() > bytes.data() + size) std::abort();
            if (!cordon::is_valid_utf8(cordon::decode_header_text(field.value))) std::abort();
        }
        const auto declared = cordon::read_declaration(block, "text/plain", limits);
        if (declared.types.empty() || declared.encodings.empty()) std::abort();
        for (const auto& name : declared.names) {
            if (!cordon::is_valid_utf8(name) || name.empty()) std::abort();
        }
    }
    return 0;
}
