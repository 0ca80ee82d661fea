// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

namespace cordon {

namespace {

constexpr std::size_t kPiece = 32U << 10U;

class Inflater {
 public:
    explicit Inflater(InflateWrapping wrapping) {
        const int bits = wrapping == InflateWrapping::zlib ? MAX_WBITS : -MAX_WBITS;
        is_ready_ = ::inflateInit2(&stream_, bits) == Z_OK;
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() {
        if (is_ready_) ::inflateEnd(&stream_);
    }

    Inflated run(std::string_view packed, InflateBounds bounds) {
        Inflated out;
        std::array<char, kPiece> piece;
        int code = is_ready_ ? Z_OK : Z_MEM_ERROR;
        while (code == Z_OK && out.total < bounds.counted) {
            if (stream_.avail_in == 0) feed(packed, out.consumed);
            const auto room = std::min<std::uint64_t>(piece.size(), bounds.counted - out.total);
            stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream_.avail_out = static_cast<uInt>(room);
            const uInt before = stream_.avail_in;
            code = ::inflate(&stream_, Z_NO_FLUSH);
            out.consumed += before - stream_.avail_in;
            const std::size_t made = room - stream_.avail_out;
            out.total += made;
            if (out.bytes.size() < bounds.kept)
                out.bytes.append(piece.data(), std::min(made, bounds.kept - out.bytes.size()));
            if (code == Z_BUF_ERROR && stream_.avail_out == 0) code = Z_OK;
        }
        out.has_end = code == Z_STREAM_END;
        out.is_damaged = code != Z_OK && !out.has_end;
        return out;
    }

 private:
    /// zlib counts in 32 bits.
    void feed(std::string_view packed, std::size_t consumed) {
        constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
        const std::string_view rest = packed.substr(consumed, kMost);
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest.data()));
        stream_.avail_in = static_cast<uInt>(rest.size());
    }

    z_stream stream_{};
    bool is_ready_ = false;
};

}  // namespace

Inflated inflate(std::string_view packed, InflateBounds bounds, InflateWrapping wrapping) {
    return Inflater(wrapping).run(packed, bounds);
}

}  // namespace cordon
