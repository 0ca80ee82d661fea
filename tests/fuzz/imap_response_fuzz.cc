// SPDX-License-Identifier: GPL-2.0-only
// What an IMAP server says: the end of a response is found wherever the bytes are cut, and what is
// found is read within bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "conf/base/text.h"
#include "quarantine/imap/imap_mailbox.h"
#include "quarantine/imap/imap_response.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const auto encoded = cordon::to_modified_utf7(rest.substr(0, 1000));
    for (const char c : encoded)
        if (c < 0x20 || c == 0x7F) std::abort();
    static_cast<void>(cordon::field_value(rest, "X-Cordon-Seal"));
    for (;;) {
        cordon::ImapFramer whole(4096);
        const auto length = whole.next(rest);
        if (!length || *length == 0) return 0;
        cordon::ImapFramer pieces(4096);
        const std::size_t cut = rest.size() / 2;
        const auto early = pieces.next(rest.substr(0, cut));
        if (!early) std::abort();
        const auto later = *early != 0 ? early : pieces.next(rest);
        if (!later || *later != *length) std::abort();
        static_cast<void>(cordon::parse_imap_response(rest.substr(0, *length)));
        rest.remove_prefix(*length);
    }
}
