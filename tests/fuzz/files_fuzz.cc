// SPDX-License-Identifier: GPL-2.0-only
// Attached files as the checks look into them (OneNote notebooks, invitations, archives, programs),
// under a name and type that the first byte chooses.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "scoring/analysis/file_kinds.h"
#include "scoring/analysis/rule_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array kTypes = {"application/onenote; name=a.one",
                                   "text/calendar; method=REQUEST",
                                   "application/octet-stream; name=\"a.pdf.exe\"",
                                   "application/zip; name=a.zip",
                                   "image/svg+xml; name=a.svg",
                                   "application/rtf; name=a.doc"};
    if (size == 0) return 0;
    const std::string bytes = "From: a@example.org\nMIME-Version: 1.0\nContent-Type: " +
                              std::string(kTypes[data[0] % kTypes.size()]) +
                              "\nContent-Transfer-Encoding: 8bit\n\n" +
                              std::string(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto message = cordon::Message::parse(bytes, cordon::Limits{});
    const cordon::EnvelopeFacts envelope;
    const cordon::SiteFacts site;
    cordon::Hits hits;
    cordon::run_checks({message, envelope, site}, hits);
    if (cordon::file_kinds(message).files.size() > 300) std::abort();
    return 0;
}
