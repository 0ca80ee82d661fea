// SPDX-License-Identifier: GPL-2.0-only
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "quarantine/digest/digest_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view subject(reinterpret_cast<const char*>(data), size);
    const auto token = cordon::find_digest_token(subject);
    if (!token) return 0;
    // What was read is what is written, and nobody has the key.
    const auto text = to_text(*token);
    if (subject.find(text) == std::string_view::npos) std::abort();
    const cordon::SealKeys keys{{"0123abcd", std::string(32, 'k'), 1}};
    if (is_genuine(keys, *token, "<alice@example.org>")) std::abort();
    return 0;
}
