// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/pdf.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "conf/base/text.h"
#include "scoring/message/inflate.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxBytes = 8U << 20U;
constexpr std::size_t kMaxUnpacked = 4U << 20U;  // of all object streams
constexpr std::size_t kMaxStream = 512U << 10U;  // of one of them
constexpr std::size_t kMaxStreams = 200;
constexpr std::size_t kMaxPictures = 20;
constexpr std::size_t kMaxUris = 100;
constexpr std::size_t kMaxUriBytes = 2000;
constexpr std::size_t kMaxNameBytes = 32;
constexpr std::size_t kMaxDictionary = 1024;  // from a type to the word "stream"

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

bool ends_name(char c) {
    return is_blank(c) || std::string_view("()<>[]{}/%").find(c) != std::string_view::npos;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char low = ascii_lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/// The name behind a slash; "J#61vaScript" is one of the spellings of JavaScript.
std::string name_at(std::string_view bytes, std::size_t& at) {
    std::string out;
    while (at < bytes.size() && out.size() < kMaxNameBytes && !ends_name(bytes[at])) {
        const int high = at + 2 < bytes.size() ? hex_digit(bytes[at + 1]) : -1;
        const int low = high >= 0 ? hex_digit(bytes[at + 2]) : -1;
        const bool is_escape = bytes[at] == '#' && low >= 0;
        out += is_escape ? static_cast<char>(high * 16 + low) : bytes[at];
        at += is_escape ? 3 : 1;
    }
    return out;
}

/// "(text)" with escapes and balanced brackets.
std::string literal_at(std::string_view bytes, std::size_t at) {
    std::string out;
    int depth = 1;
    for (++at; at < bytes.size() && out.size() < kMaxUriBytes; ++at) {
        char c = bytes[at];
        if (c == '\\' && at + 1 < bytes.size()) {
            c = bytes[++at];
            if (c == '\r' || c == '\n') continue;
            out += c;
            continue;
        }
        if (c == '(') ++depth;
        if (c == ')' && --depth == 0) return out;
        out += c;
    }
    return out;
}

std::string hex_at(std::string_view bytes, std::size_t at) {
    std::string out;
    int high = -1;
    for (++at; at < bytes.size() && bytes[at] != '>' && out.size() < kMaxUriBytes; ++at) {
        const int digit = hex_digit(bytes[at]);
        if (digit < 0) continue;
        if (high < 0) {
            high = digit;
        } else {
            out += static_cast<char>(high * 16 + digit);
            high = -1;
        }
    }
    return out;
}

/// What stands behind the next word "stream", which belongs to the dictionary at `at`.
std::optional<std::string_view> stream_behind(std::string_view bytes, std::size_t at) {
    constexpr std::string_view kWord = "stream";
    const auto word = bytes.substr(at, kMaxDictionary).find(kWord);
    if (word == std::string_view::npos) return std::nullopt;
    std::string_view stream = bytes.substr(at + word + kWord.size());
    if (stream.starts_with("\r\n")) stream.remove_prefix(2);
    if (stream.starts_with("\n")) stream.remove_prefix(1);
    return stream;
}

class Scanner {
 public:
    void scan(std::string_view bytes) {
        for (std::size_t at = bytes.find('/'); at != std::string_view::npos;
             at = bytes.find('/', at)) {
            ++at;
            const std::string name = name_at(bytes, at);
            note(name);
            if (name == "URI") add_uri(bytes, at);
            if (name == "ObjStm" && object_streams_.size() < kMaxStreams)
                object_streams_.push_back(at);
        }
    }

    /// Links stand in objects; other streams hold what is drawn.
    void unpack_streams(std::string_view bytes) {
        std::size_t left = kMaxUnpacked;
        for (const auto at : std::exchange(object_streams_, {})) {
            const auto packed = stream_behind(bytes, at);
            if (!packed) continue;
            const std::size_t room = std::min(left, kMaxStream);
            const Inflated unpacked = inflate(*packed, {room, room}, InflateWrapping::zlib);
            left -= std::min<std::uint64_t>(left, unpacked.total);
            scan(unpacked.bytes);
            if (left == 0) return;
        }
    }

    PdfFacts take() { return std::move(facts_); }

 private:
    void note(std::string_view name) {
        if (name == "JavaScript" || name == "JS") facts_.has_script = true;
        if (name == "Launch") facts_.has_launch = true;
        if (name == "OpenAction" || name == "AA") facts_.has_open_action = true;
        if (name == "EmbeddedFile") facts_.has_embedded_file = true;
        if (name == "SubmitForm") facts_.has_submit = true;
    }

    void add_uri(std::string_view bytes, std::size_t at) {
        while (at < bytes.size() && is_blank(bytes[at])) ++at;
        if (at >= bytes.size() || facts_.uris.size() >= kMaxUris) return;
        std::string uri;
        if (bytes[at] == '(') uri = literal_at(bytes, at);
        if (bytes[at] == '<') uri = hex_at(bytes, at);
        if (!uri.empty()) facts_.uris.push_back(std::move(uri));
    }

    PdfFacts facts_;
    std::vector<std::size_t> object_streams_;  // behind the name, in the order of the file
};

}  // namespace

bool is_pdf(std::string_view bytes) {
    return bytes.substr(0, 1024).find("%PDF-") != std::string_view::npos;
}

PdfFacts scan_pdf(std::string_view bytes) {
    bytes = bytes.substr(0, kMaxBytes);
    Scanner scanner;
    scanner.scan(bytes);
    scanner.unpack_streams(bytes);
    return scanner.take();
}

std::vector<std::string_view> pdf_pictures(std::string_view bytes) {
    bytes = bytes.substr(0, kMaxBytes);
    constexpr std::string_view kFilter = "/DCTDecode";
    std::vector<std::string_view> out;
    for (auto at = bytes.find(kFilter); at != std::string_view::npos && out.size() < kMaxPictures;
         at = bytes.find(kFilter, at + 1)) {
        const auto stream = stream_behind(bytes, at);
        if (!stream) continue;
        out.push_back(stream->substr(0, stream->find("endstream")));
    }
    return out;
}

}  // namespace cordon
