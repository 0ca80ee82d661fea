// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/scan_objects.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "conf/base/text.h"

namespace cordon {

namespace {

// One-line droppers and test signatures are matched at the very start of an object.
constexpr std::size_t kTinyText = 512;
// Of long base64: signatures of encoded content look at its beginning, a few at its end.
constexpr std::size_t kEncodedHead = 8192;
constexpr std::size_t kEncodedTail = 2048;

bool looks_binary(std::string_view bytes) {
    for (const char c : bytes.substr(0, 4096)) {
        if (c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\x1b')
            return true;
    }
    return false;
}

/// Words and sentences, and nothing that a program is written in.
bool reads_as_prose(std::string_view text) {
    std::size_t letters = 0;
    std::size_t words = 1;
    for (const char c : trim(text)) {
        const char l = ascii_lower(c);
        const bool is_letter = (l >= 'a' && l <= 'z') || static_cast<unsigned char>(c) >= 0x80;
        if (is_letter)
            ++letters;
        else if (is_space(c))
            ++words;
        else if (!is_digit(c) && std::string_view(",.!?'-:").find(c) == std::string_view::npos)
            return false;
    }
    return words >= 4 && letters >= words;
}

enum class Kind : std::uint8_t { other, digit, line_end };

constexpr std::array<Kind, 256> kKinds = [] {
    std::array<Kind, 256> out{};
    for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789+/"))
        out[static_cast<unsigned char>(c)] = Kind::digit;
    out['\r'] = out['\n'] = Kind::line_end;
    return out;
}();

/// How many bytes the text stands for; nothing when it holds anything but base64 and line ends.
std::optional<std::size_t> size_decoded(std::string_view text) {
    std::size_t digits = 0;
    bool is_pure = true;
    for (const char c : text) {
        const Kind kind = kKinds[static_cast<unsigned char>(c)];
        is_pure = is_pure && kind != Kind::other;
        digits += kind == Kind::digit ? 1U : 0U;
    }
    if (!is_pure || digits % 4 == 1) return std::nullopt;
    return digits / 4 * 3 + digits % 4 * 3 / 4;
}

/// The piece of the body to leave out. Empty unless all of the body is shown decoded, with no two
/// ways to decode it.
std::string_view piece_to_drop(const Part& part) {
    if (part.encoding != "base64" || part.is_identity || !needs_own_scan(part)) return {};
    const auto body = part.encoded;
    if (body.size() < 2 * (kEncodedHead + kEncodedTail)) return {};
    const std::size_t end = body.find_last_not_of("=\r\n");
    if (end == std::string_view::npos) return {};
    const auto content = body.substr(0, end + 1);
    // A decoder that came to a limit gives less.
    if (size_decoded(content) != part.decoded.size()) return {};
    return content.substr(kEncodedHead, content.size() - kEncodedHead - kEncodedTail);
}

}  // namespace

bool needs_own_scan(const Part& part) {
    if (part.is_multipart()) return false;
    const bool is_readable_as_it_is = part.is_identity && !part.is_attachment();
    if (part.type.starts_with("message/")) return !is_readable_as_it_is;
    if (part.type != "text/plain" || !is_readable_as_it_is) return true;
    const bool is_tiny = part.bytes().size() <= kTinyText && !reads_as_prose(part.bytes());
    return is_tiny || looks_binary(part.bytes());
}

std::string object_of_message(std::string_view mark, const Message& message) {
    const std::less_equal<const char*> at_or_before;
    const auto raw = message.raw();
    const char* const end = raw.data() + raw.size();
    std::vector<std::string_view> dropped;
    // What is base64 in one reading may be anything in another.
    const bool is_ambiguous = message.readings() > 1;
    for (const Part& part : message.parts()) {
        const auto piece = is_ambiguous ? std::string_view() : piece_to_drop(part);
        if (piece.empty()) continue;
        // What stands inside another encoding is no part of the raw message.
        if (at_or_before(raw.data(), piece.data()) &&
            at_or_before(piece.data() + piece.size(), end))
            dropped.push_back(piece);
    }
    std::sort(dropped.begin(), dropped.end(),
              [](auto a, auto b) { return std::less<const char*>()(a.data(), b.data()); });
    std::size_t size = mark.size() + raw.size();
    for (const auto piece : dropped) size -= std::min(size, piece.size());
    std::string out;
    out.reserve(size);
    out += mark;
    const char* at = raw.data();
    for (const auto piece : dropped) {
        if (at_or_before(at, piece.data())) out.append(at, piece.data());
        at = std::max(at, piece.data() + piece.size(), std::less<const char*>());
    }
    out.append(at, end);
    return out;
}

}  // namespace cordon
