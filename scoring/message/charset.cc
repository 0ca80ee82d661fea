// SPDX-License-Identifier: GPL-2.0-only
// See charset.h. Converters are opened for each text and closed again; ICU caches their tables.
#include "scoring/message/charset.h"

#include <unicode/ucnv.h>
#include <unicode/udata.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "conf/base/owned.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

using Converter = Owned<UConverter, ucnv_close>;

constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

/// Length of the ASCII at the front.
std::size_t ascii_length(std::string_view bytes) {
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + i, 8);
        if ((word & 0x8080808080808080ULL) != 0) break;
    }
    while (i < bytes.size() && (bytes[i] & '\x80') == 0) ++i;
    return i;
}

enum class Family { ascii, utf8, windows1252, other };

Family family_of(std::string_view charset) {
    for (const std::string_view name : {"us-ascii", "ascii", "ansi_x3.4-1968", "7bit", ""}) {
        if (iequals(charset, name)) return Family::ascii;
    }
    for (const std::string_view name : {"utf-8", "utf8"}) {
        if (iequals(charset, name)) return Family::utf8;
    }
    // Clients read ISO 8859-1 as its superset, as the WHATWG encoding standard says.
    for (const std::string_view name :
         {"iso-8859-1", "windows-1252", "latin1", "iso8859-1", "cp1252", "iso_8859-1"}) {
        if (iequals(charset, name)) return Family::windows1252;
    }
    return Family::other;
}

/// The name that ICU knows for what mail says.
std::string icu_name(std::string_view charset) {
    struct Alias {
        std::string_view seen;
        const char* known;
    };
    // ICU reads these as the narrow standards; what mail carries is the wider set.
    static constexpr std::array kAliases = {Alias{"gb2312", "gb18030"},
                                            Alias{"gbk", "gb18030"},
                                            Alias{"x-gbk", "gb18030"},
                                            Alias{"ks_c_5601-1987", "windows-949"},
                                            Alias{"euc-kr", "windows-949"},
                                            Alias{"shift_jis", "windows-31j"},
                                            Alias{"x-sjis", "windows-31j"},
                                            Alias{"iso-8859-9", "windows-1254"},
                                            Alias{"iso-8859-8-i", "iso-8859-8"},
                                            Alias{"iso-8859-11", "windows-874"},
                                            Alias{"tis-620", "windows-874"},
                                            Alias{"unicode-1-1-utf-7", "utf-7"},
                                            Alias{"x-unicode-2-0-utf-7", "utf-7"},
                                            Alias{"x-mac-roman", "macintosh"}};
    for (const Alias& alias : kAliases) {
        if (iequals(charset, alias.seen)) return alias.known;
    }
    return std::string(charset);
}

Converter open_converter(std::string_view charset) {
    // ICU takes what follows a comma for options, and the empty name for the locale's charset.
    const bool is_plain = std::all_of(charset.begin(), charset.end(), [](char c) {
        return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == ':' ||
               c == '+' || c == '(' || c == ')';
    });
    if (charset.empty() || charset.size() > 40 || !is_plain) return {};
    UErrorCode status = U_ZERO_ERROR;
    UConverter* const opened = ucnv_open(icu_name(charset).c_str(), &status);
    if (U_FAILURE(status) != 0) {
        if (opened != nullptr) ucnv_close(opened);
        return {};
    }
    return Converter(opened);
}

/// UTF-16 units to UTF-8; a pair may be split between two calls.
class Utf16Reader {
 public:
    explicit Utf16Reader(Utf8Text& out) : out_(out) {}

    void take(std::uint32_t unit) {
        if (unit < 0x80 && high_ == 0) {
            out_.text += static_cast<char>(unit);
            return;
        }
        if (high_ != 0 && unit >= 0xDC00 && unit < 0xE000) {
            append_utf8(out_.text, 0x10000 + ((high_ - 0xD800) << 10U) + (unit - 0xDC00U));
            high_ = 0;
            return;
        }
        end();
        if (unit >= 0xD800 && unit < 0xDC00) {
            high_ = unit;
        } else {
            if (unit == 0xFFFD) out_.is_wrong_charset = true;
            append_utf8(out_.text, unit);
        }
    }

    void end() {
        if (high_ != 0) append_utf8(out_.text, 0xFFFD);
        high_ = 0;
    }

 private:
    Utf8Text& out_;
    std::uint32_t high_ = 0;
};

Utf8Text convert(UConverter* from, std::string_view bytes, std::size_t limit) {
    Utf8Text out;
    out.text.reserve(std::min(bytes.size() + bytes.size() / 2, limit) + 16);
    Utf16Reader reader(out);
    std::array<UChar, 2048> pivot{};
    const char* source = bytes.data();
    const char* const end = source + bytes.size();
    while (out.text.size() < limit) {
        UErrorCode status = U_ZERO_ERROR;
        UChar* target = pivot.data();
        ucnv_toUnicode(from, &target, pivot.data() + pivot.size(), &source, end, nullptr, 1,
                       &status);
        std::for_each(pivot.data(), target, [&reader](UChar unit) { reader.take(unit); });
        if (status != U_BUFFER_OVERFLOW_ERROR) break;
    }
    reader.end();
    return out;
}

/// What undeclared 8-bit text most likely is.
Utf8Text guess(std::string_view bytes) {
    Utf8Text out;
    out.text = is_valid_utf8(bytes) ? std::string(bytes) : windows_1252_to_utf8(bytes);
    return out;
}

std::string_view without_byte_order_mark(std::string_view bytes) {
    return bytes.starts_with("\xEF\xBB\xBF") ? bytes.substr(3) : bytes;
}

}  // namespace

bool is_ascii(std::string_view bytes) {
    return ascii_length(bytes) == bytes.size();
}

bool is_valid_utf8(std::string_view bytes) {
    const auto byte = [&bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    std::size_t i = 0;
    while (i < bytes.size()) {
        const unsigned lead = byte(i);
        if (lead < 0x80) {
            i += ascii_length(bytes.substr(i));
            continue;
        }
        const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (lead < 0xC2 || lead > 0xF4 || i + size > bytes.size()) return false;
        // Overlong forms, surrogates and what is beyond U+10FFFF differ in the second byte.
        const unsigned second = byte(i + 1);
        const unsigned least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        const unsigned most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (second < least || second > most) return false;
        for (std::size_t j = 2; j < size; ++j) {
            if ((byte(i + j) & 0xC0U) != 0x80) return false;
        }
        i += size;
    }
    return true;
}

std::string windows_1252_to_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    while (!bytes.empty()) {
        const std::size_t plain = ascii_length(bytes);
        out += bytes.substr(0, plain);
        bytes.remove_prefix(plain);
        while (!bytes.empty() && (bytes[0] & '\x80') != 0) {
            const auto byte = static_cast<unsigned char>(bytes[0]);
            append_utf8(out, byte < 0xA0 ? kWindows1252[byte - 0x80U] : byte);
            bytes.remove_prefix(1);
        }
    }
    return out;
}

bool is_known_charset(std::string_view charset) {
    if (charset.empty()) return false;
    return family_of(charset) != Family::other || open_converter(charset) != nullptr;
}

Utf8Text to_utf8(std::string_view bytes, std::string_view charset, std::size_t limit) {
    const Family family = family_of(charset);
    // A cut inside a character would make the text look wrongly declared.
    bytes = family == Family::utf8 ? utf8_prefix(bytes, limit) : bytes.substr(0, limit);
    if (family != Family::other && is_ascii(bytes)) return {std::string(bytes), false, false};
    Utf8Text out;
    switch (family) {
        case Family::ascii:
            out = guess(without_byte_order_mark(bytes));
            out.is_wrong_charset = !charset.empty();
            return out;
        case Family::utf8:
            bytes = without_byte_order_mark(bytes);
            out.is_wrong_charset = !is_valid_utf8(bytes);
            out.text = out.is_wrong_charset ? to_valid_utf8(bytes) : std::string(bytes);
            return out;
        case Family::windows1252: out.text = windows_1252_to_utf8(bytes); return out;
        case Family::other: break;
    }
    const Converter converter = open_converter(charset);
    if (converter == nullptr) {
        out = guess(bytes);
        out.is_unknown_charset = true;
        return out;
    }
    return convert(converter.get(), bytes, limit);
}

}  // namespace cordon
