// SPDX-License-Identifier: GPL-2.0-only
// Content transfer encodings: base64 and quoted-printable (RFC 2045 section 6), uuencode, and the
// yEnc and BinHex that some clients undo. Decoders never fail: they keep what can be read and
// report the damage, since clients differ in what they make of it. Linear time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cordon {

enum class TransferEncoding : std::uint8_t {
    identity,
    quoted_printable,
    base64,
    uuencode,
    yenc,
    binhex,
    unknown
};

/// The encoding that a Content-Transfer-Encoding token (lower case, trimmed) names.
TransferEncoding transfer_encoding_for(std::string_view token);

struct Decoded {
    std::string bytes;
    std::size_t junk = 0;        // bytes that don't belong to the encoding
    bool has_inner_end = false;  // base64: padding before the end; uuencode: data after "end"
    bool is_unaligned = false;   // base64: characters left over, or padding where none belongs
};

/// What to do with base64 padding that is not at the end.
enum class Base64Reading : std::uint8_t {
    restart,       // what follows begins a new group
    stop,          // what follows is not read
    ignore,        // padding is junk like any other
    line_by_line,  // an empty line begins a new group; an unfinished one is lost
    whole_lines    // lines with anything else in them are not read
};

/// Undoes base64; bytes outside the alphabet are passed over.
Decoded decode_base64(std::string_view text, Base64Reading reading = Base64Reading::restart);

enum class QuotedPrintableReading : std::uint8_t {
    keep_broken,  // an escape that is none stays as it stands
    drop_broken   // it vanishes, and what follows is read on
};

Decoded decode_quoted_printable(
    std::string_view text, QuotedPrintableReading reading = QuotedPrintableReading::keep_broken);

/// Lines of uuencode from the first "begin" line, or from the top when there is none.
Decoded decode_uuencode(std::string_view text);

/// A "begin MODE NAME" line and the data up to "end" inside text.
struct UuBlock {
    std::string_view name;
    std::string_view data;  // the lines between begin and end
    std::size_t end = 0;    // offset in the text after the block
};
std::optional<UuBlock> find_uu_block(std::string_view text, std::size_t from);

/// A file encoded into a text by uuencode, its base64 variant, yEnc or BinHex.
struct EncodedBlock {
    TransferEncoding encoding = TransferEncoding::uuencode;
    std::string_view token;  // what a Content-Transfer-Encoding would say
    std::string_view name;
    std::string_view data;
    std::size_t end = 0;  // offset in the text after the block
};

/// All of them in a text, one after another.
class EncodedBlocks {
 public:
    static constexpr std::size_t kMarkers = 3;

    explicit EncodedBlocks(std::string_view text) : text_(text) {}
    std::optional<EncodedBlock> next();

 private:
    std::string_view text_;
    std::size_t from_ = 0;
    std::array<std::size_t, kMarkers> markers_{};
    std::array<bool, kMarkers> is_known_{};
};

Decoded decode_yenc(std::string_view text);
/// The data fork; run lengths may inflate it, at most `limit` bytes are kept.
Decoded decode_binhex(std::string_view text, std::size_t limit);

/// Whether the text is nothing but lines of base64, at least `least` characters of it.
bool looks_like_base64(std::string_view text, std::size_t least = 40);
/// Whether escapes of quoted-printable make up a good part of the text.
bool looks_like_quoted_printable(std::string_view text);
/// Whether the first lines have the lengths that uuencode gives them.
bool looks_like_uuencode(std::string_view text);

}  // namespace cordon
