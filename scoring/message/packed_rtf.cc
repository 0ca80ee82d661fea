// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/packed_rtf.h"

#include <algorithm>
#include <array>

namespace cordon {

namespace {

constexpr std::size_t kHeader = 16;
constexpr std::size_t kKindAt = 8;
constexpr std::string_view kPacked = "LZFu";
constexpr std::string_view kPlain = "MELA";

constexpr std::size_t kWindow = 4096;
// What the window holds at first (section 2.1.3.1.4).
constexpr std::string_view kKnown =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
static_assert(kKnown.size() == 207);

class Unpacker {
 public:
    Unpacker(std::string_view packed, std::size_t limit) : packed_(packed), limit_(limit) {
        std::copy(kKnown.begin(), kKnown.end(), window_.begin());
    }

    UnpackedRtf run() {
        while (!is_done_) {
            unsigned references = byte();
            for (unsigned i = 0; i < 8 && !is_done_; ++i, references >>= 1U) {
                if ((references & 1U) != 0)
                    copy();
                else
                    put(static_cast<char>(byte()));
            }
        }
        return std::move(out_);
    }

 private:
    unsigned byte() {
        if (at_ >= packed_.size()) {
            out_.is_damaged = is_done_ = true;
            return 0;
        }
        return static_cast<unsigned char>(packed_[at_++]);
    }

    /// 12 bits of place, 4 of length. The place of the next byte itself ends the text.
    void copy() {
        const unsigned high = byte();
        const unsigned token = high << 8U | byte();
        std::size_t from = token >> 4U;
        if (from == next_) is_done_ = true;
        for (unsigned left = (token & 0xfU) + 2; left > 0 && !is_done_; --left) {
            put(window_[from]);
            from = (from + 1) % kWindow;
        }
    }

    void put(char c) {
        if (is_done_) return;
        if (out_.bytes.size() >= limit_) {
            out_.is_over_limit = is_done_ = true;
            return;
        }
        out_.bytes += c;
        window_[next_] = c;
        next_ = (next_ + 1) % kWindow;
    }

    std::string_view packed_;
    std::size_t limit_;
    std::size_t at_ = 0;
    std::array<char, kWindow> window_{};
    std::size_t next_ = kKnown.size();
    bool is_done_ = false;
    UnpackedRtf out_;
};

}  // namespace

UnpackedRtf unpack_rtf(std::string_view packed, std::size_t limit) {
    UnpackedRtf out;
    const auto kind = packed.substr(std::min(packed.size(), kKindAt), kPacked.size());
    packed.remove_prefix(std::min(packed.size(), kHeader));
    if (kind == kPacked) return Unpacker(packed, limit).run();
    out.is_damaged = kind != kPlain;
    if (out.is_damaged) return out;
    out.bytes = packed.substr(0, limit);
    out.is_over_limit = packed.size() > limit;
    return out;
}

}  // namespace cordon
