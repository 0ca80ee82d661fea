// SPDX-License-Identifier: GPL-2.0-only
// Attached PDFs: whatever they hold, a bounded list of links comes out.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/message/pdf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto facts = cordon::scan_pdf({reinterpret_cast<const char*>(data), size});
    if (facts.uris.size() > 100) std::abort();
    for (const auto& uri : facts.uris)
        if (uri.empty() || uri.size() > 2001) std::abort();
    return 0;
}
