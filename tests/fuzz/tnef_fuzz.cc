// SPDX-License-Identifier: GPL-2.0-only
// TNEF, the RTF in it, and the content of S/MIME: views stay within the bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/message/charset.h"
#include "scoring/message/packed_rtf.h"
#include "scoring/message/signed_data.h"
#include "scoring/message/tnef.h"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cordon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const TnefContent content = read_tnef(bytes, 50);
    require(content.files.size() <= 1000);
    for (const TnefFile& file : content.files) {
        require(is_valid_utf8(file.name));
        require(file.bytes.data() >= bytes.data() &&
                file.bytes.data() + file.bytes.size() <= bytes.data() + bytes.size());
    }
    const UnpackedRtf rtf = unpack_rtf(bytes, 4096);
    require(rtf.bytes.size() <= 4096 && rtf.bytes.size() <= bytes.size() * 9);
    require(content_of_signed_data(bytes, 4096).size() <= 4096);
    return 0;
}
