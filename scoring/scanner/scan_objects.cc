// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/scan_objects.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "conf/base/text.h"

namespace cordon {

namespace {

// One-line droppers and test signatures are matched at the very start of an object.
constexpr std::size_t kTinyText = 512;
// Signatures of encoded content look at its beginning.
constexpr std::size_t kEncodedShown = 8192;

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

bool is_base64_character(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) || c == '+' ||
           c == '/' || c == '\r' || c == '\n';
}

/// The piece of the body to leave out; empty when it is short or holds anything but base64.
std::string_view piece_to_drop(const Part& part) {
    if (part.encoding != "base64" || part.is_identity) return {};
    const auto body = part.encoded;
    if (body.size() < 2 * kEncodedShown) return {};
    const std::size_t end = body.find_last_not_of("=\r\n");
    if (end == std::string_view::npos) return {};
    const auto content = body.substr(0, end + 1);
    if (!std::all_of(content.begin(), content.end(), is_base64_character)) return {};
    return content.substr(kEncodedShown);
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

std::string without_base64(const Message& message) {
    const std::less_equal<const char*> at_or_before;
    const auto raw = message.raw();
    const char* const end = raw.data() + raw.size();
    std::vector<std::string_view> dropped;
    for (const Part& part : message.parts()) {
        const auto piece = piece_to_drop(part);
        if (piece.empty()) continue;
        // What stands inside another encoding is no part of the raw message.
        if (at_or_before(raw.data(), piece.data()) &&
            at_or_before(piece.data() + piece.size(), end))
            dropped.push_back(piece);
    }
    std::sort(dropped.begin(), dropped.end(),
              [](auto a, auto b) { return std::less<const char*>()(a.data(), b.data()); });
    std::string out;
    const char* at = raw.data();
    for (const auto piece : dropped) {
        if (at_or_before(at, piece.data())) out.append(at, piece.data());
        at = std::max(at, piece.data() + piece.size(), std::less<const char*>());
    }
    out.append(at, end);
    return out;
}

}  // namespace cordon
