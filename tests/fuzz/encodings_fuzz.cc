// SPDX-License-Identifier: GPL-2.0-only
// Transfer encodings in every reading; the output stays within what each promises.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "conf/base/text.h"
#include "scoring/message/transfer_encoding.h"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cordon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const auto reading : {Base64Reading::restart, Base64Reading::stop, Base64Reading::ignore,
                               Base64Reading::line_by_line}) {
        require(decode_base64(bytes, reading).bytes.size() <= size);
        // What an encoder writes comes back whole.
        require(decode_base64(to_base64(bytes), reading).bytes == bytes);
    }
    for (const auto reading :
         {QuotedPrintableReading::keep_broken, QuotedPrintableReading::drop_broken}) {
        require(decode_quoted_printable(bytes, reading).bytes.size() <= size);
    }
    // The last line may lack what trailing blanks stood for.
    require(decode_uuencode(bytes).bytes.size() <= size + 3);
    require(decode_yenc(bytes).bytes.size() <= size);
    require(decode_binhex(bytes, 1000).bytes.size() <= 1300);
    std::size_t from = 0;
    while (const auto block = find_uu_block(bytes, from)) {
        require(block->end > from && block->end <= size);
        from = block->end;
    }
    looks_like_base64(bytes);
    looks_like_quoted_printable(bytes);
    looks_like_uuencode(bytes);
    return 0;
}
