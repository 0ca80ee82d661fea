// SPDX-License-Identifier: GPL-2.0-only
// The record that the history keeps of a verdict. What is read writes itself again, and can be
// judged and shown.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "quarantine/ctl/history_view.h"
#include "scoring/store/history_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto record = cordon::decode_history(bytes);
    if (!record) return 0;
    const auto written = cordon::encode(*record);
    const auto again = cordon::decode_history(written);
    if (!again || cordon::encode(*again) != written) std::abort();
    const auto evidence = cordon::evidence_of(*record);
    const auto verdict = cordon::judge(evidence, cordon::Catalogue());
    static_cast<void>(cordon::decide(verdict, evidence, cordon::Policy(), {}));
    const cordon::HistoryEntry entry{*record, cordon::Feedback::released};
    for (const auto& text : {cordon::history_line(entry, 80), cordon::history_json(entry)})
        if (text.find('\n') != std::string::npos || text.find('\x1b') != std::string::npos)
            std::abort();
    static_cast<void>(cordon::history_text(entry));
    return 0;
}
