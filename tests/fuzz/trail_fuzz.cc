// SPDX-License-Identifier: GPL-2.0-only
// Received and Date fields, and the names in From, as anybody may write them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "conf/base/text.h"
#include "scoring/analysis/mail_date.h"
#include "scoring/analysis/scripts.h"
#include "scoring/analysis/skeleton.h"
#include "scoring/analysis/trail.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto hop = cordon::parse_received(text);
    if (hop.helo.size() > size || hop.name.size() > size) std::abort();
    static_cast<void>(cordon::parse_mail_date(text));
    const auto utf8 = cordon::to_valid_utf8(text);
    static_cast<void>(cordon::find_character_tricks(utf8));
    static_cast<void>(cordon::skeleton(utf8));
    return 0;
}
