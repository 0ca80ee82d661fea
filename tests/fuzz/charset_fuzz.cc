// SPDX-License-Identifier: GPL-2.0-only
// Charsets: the first line names one, the rest is the text. The result is always valid UTF-8.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/message/charset.h"
#include "scoring/message/encoded_word.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t newline = bytes.find('\n');
    const std::string_view charset = bytes.substr(0, newline);
    const std::string_view text =
        newline == std::string_view::npos ? std::string_view() : bytes.substr(newline + 1);
    const auto utf8 = cordon::to_utf8(text, charset, 4096);
    if (!cordon::is_valid_utf8(utf8.text)) std::abort();
    if (utf8.text.size() > 4096 * 4 + 16384) std::abort();
    if (!cordon::is_valid_utf8(cordon::decode_encoded_words(bytes))) std::abort();
    return 0;
}
