// SPDX-License-Identifier: GPL-2.0-only
// The file syntax and the whole configuration: what is accepted shows and reads back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "conf/configuration.h"
#include "conf/ini.h"

namespace {

// Files of the host are not the fuzzer's business.
bool includes_files(std::string_view text) {
    return text.find("include") != std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (includes_files(text)) return 0;
    const auto entries = cordon::parse_ini(text, "fuzz.conf");
    if (!entries) {
        if (!entries.error().what.starts_with("fuzz.conf:")) std::abort();
        return 0;
    }
    for (const auto& entry : *entries)
        if (entry.key.empty() || entry.line == 0 || entry.value.find('\n') != std::string::npos)
            std::abort();
    const auto parsed = cordon::parse_configuration(text, "fuzz.conf");
    if (!parsed) return 0;
    const auto again = cordon::parse_configuration((*parsed)->text, "effective");
    if (!again || (*again)->text != (*parsed)->text) std::abort();
    const auto shown = cordon::show_configuration(**parsed);
    const auto reread = cordon::parse_configuration(shown, "shown");
    if (!reread || cordon::show_configuration(**reread) != shown) std::abort();
    return 0;
}
