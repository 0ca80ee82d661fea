// SPDX-License-Identifier: GPL-2.0-only
// Base64 and quoted-printable of RFC 2045 section 6, read as the clients at large read them.
#include "scoring/message/transfer_encoding.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::uint8_t kJunk = 64;
constexpr std::uint8_t kSpace = 65;
constexpr std::uint8_t kPad = 66;

constexpr std::array<std::uint8_t, 256> make_base64_table() {
    std::array<std::uint8_t, 256> table{};
    for (auto& entry : table) entry = kJunk;
    for (std::uint8_t i = 0; i < 26; ++i) {
        table[static_cast<std::size_t>('A') + i] = i;
        table[static_cast<std::size_t>('a') + i] = static_cast<std::uint8_t>(26 + i);
    }
    for (std::uint8_t i = 0; i < 10; ++i) {
        table[static_cast<std::size_t>('0') + i] = static_cast<std::uint8_t>(52 + i);
    }
    table['+'] = 62;
    table['/'] = 63;
    table[' '] = table['\t'] = table['\r'] = table['\n'] = kSpace;
    table['='] = kPad;
    return table;
}

constexpr std::array<std::uint8_t, 256> kBase64 = make_base64_table();

std::uint8_t base64_value(char c) {
    return kBase64[static_cast<unsigned char>(c)];
}

class Base64Decoder {
 public:
    Base64Decoder(std::string_view text, Base64Reading reading)
        : text_(trim(text)), reading_(reading) {
        out_.bytes.resize(text_.size() / 4 * 3 + 6);
        put_ = out_.bytes.data();
    }

    Decoded run() {
        while (at_ < text_.size()) {
            if (held_ == 0) take_whole_groups();
            if (at_ >= text_.size() || !take_one()) break;
        }
        if (held_ != 0) out_.is_unaligned = true;
        flush();
        out_.bytes.resize(static_cast<std::size_t>(put_ - out_.bytes.data()));
        return std::move(out_);
    }

 private:
    /// The fast path: four characters of the alphabet in a row.
    void take_whole_groups() {
        const char* in = text_.data() + at_;
        const char* const end = text_.data() + text_.size();
        while (end - in >= 4) {
            const std::uint32_t a = base64_value(in[0]);
            const std::uint32_t b = base64_value(in[1]);
            const std::uint32_t c = base64_value(in[2]);
            const std::uint32_t d = base64_value(in[3]);
            if ((a | b | c | d) >= 64) break;
            emit(a << 18U | b << 12U | c << 6U | d, 3);
            in += 4;
            if (was_padded_) note_data_after_padding();
        }
        at_ = static_cast<std::size_t>(in - text_.data());
    }

    bool take_one() {
        const std::uint8_t value = base64_value(text_[at_++]);
        if (value < 64) {
            if (was_padded_) note_data_after_padding();
            group_ = group_ << 6U | value;
            if (++held_ == 4) {
                emit(group_, 3);
                held_ = 0;
                group_ = 0;
            }
        } else if (value == kPad) {
            return take_padding();
        } else if (value == kJunk) {
            ++out_.junk;
        } else if (held_ != 0 && text_[at_ - 1] == '\n' && is_empty_line_next()) {
            end_block();
        }
        return true;
    }

    /// An empty line inside a group: only damage or a trick makes one.
    void end_block() {
        out_.is_unaligned = true;
        if (reading_ != Base64Reading::line_by_line) return;
        held_ = 0;
        group_ = 0;
    }

    bool take_padding() {
        if (reading_ == Base64Reading::ignore) return true;
        if (held_ == 0 && !was_padded_) out_.is_unaligned = true;
        if (held_ == 1) out_.is_unaligned = true;
        was_padded_ = was_padded_ || held_ > 0;
        flush();
        return reading_ != Base64Reading::stop || !was_padded_;
    }

    void note_data_after_padding() {
        out_.has_inner_end = true;
        was_padded_ = false;
    }

    bool is_empty_line_next() const {
        std::size_t i = at_;
        while (i < text_.size() && (is_blank(text_[i]) || text_[i] == '\r')) ++i;
        return i < text_.size() && text_[i] == '\n';
    }

    void flush() {
        if (held_ == 1) out_.is_unaligned = true;
        if (held_ >= 2) emit(group_ << (6U * (4 - held_)), held_ - 1);
        held_ = 0;
        group_ = 0;
    }

    void emit(std::uint32_t group, std::uint32_t bytes) {
        put_[0] = static_cast<char>(group >> 16U & 0xFFU);
        if (bytes > 1) put_[1] = static_cast<char>(group >> 8U & 0xFFU);
        if (bytes > 2) put_[2] = static_cast<char>(group & 0xFFU);
        put_ += bytes;
    }

    std::string_view text_;
    Base64Reading reading_;
    Decoded out_;
    char* put_ = nullptr;
    std::size_t at_ = 0;
    std::uint32_t group_ = 0;
    std::uint32_t held_ = 0;
    bool was_padded_ = false;
};

/// Without the lines that hold anything but base64.
std::string base64_lines(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto content = trim(line);
        const bool is_pure = std::all_of(content.begin(), content.end(), [](char c) {
            return base64_value(c) < 64 || base64_value(c) == kPad;
        });
        if (is_pure) out.append(content).append("\n");
    }
    return out;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = ascii_lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// Escapes of one digit ("=0", or "=a" where an upper case digit belongs) taken out, as decoders do
/// that pass over what they can't read.
std::string without_half_escapes(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '=' && i + 1 < text.size() && hex_value(text[i + 1]) >= 0) {
            const bool is_lower = text[i + 1] >= 'a';
            if (is_lower || i + 2 >= text.size() || hex_value(text[i + 2]) < 0) {
                ++i;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

class QuotedPrintableDecoder {
 public:
    QuotedPrintableDecoder(std::string_view text, QuotedPrintableReading reading)
        : text_(text), reading_(reading) {
        out_.bytes.reserve(std::max<std::size_t>(text.size(), 32));
    }

    Decoded run() {
        while (at_ < text_.size()) take_line();
        return std::move(out_);
    }

 private:
    bool is_passed_over(char c) const {
        const bool is_control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
        return is_blank(c) || (is_control && reading_ == QuotedPrintableReading::drop_broken);
    }

    /// One line; blanks at its end were added on the way and don't belong to it (rule 3).
    void take_line() {
        const std::size_t newline = text_.find('\n', at_);
        const bool is_last = newline == std::string_view::npos;
        const std::size_t next = is_last ? text_.size() : newline + 1;
        std::size_t end = is_last ? text_.size() : newline;
        const bool has_cr = !is_last && end > at_ && text_[end - 1] == '\r';
        if (has_cr) --end;
        const std::size_t line_end = end;
        while (end > at_ && is_passed_over(text_[end - 1])) --end;
        const bool is_soft = end > at_ && text_[end - 1] == '=' && !is_last;
        if (is_soft) --end;
        take_characters(text_.substr(at_, end - at_));
        if (!is_soft && !is_last) out_.bytes.append(text_.substr(line_end, next - line_end));
        at_ = next;
    }

    void take_characters(std::string_view line) {
        while (!line.empty()) {
            const std::size_t plain = std::min(line.find('='), line.size());
            out_.bytes.append(line.substr(0, plain));
            line.remove_prefix(plain);
            if (!line.empty()) line.remove_prefix(take_escape(line));
        }
    }

    /// Length of what begins with '='.
    std::size_t take_escape(std::string_view line) {
        if (line.size() >= 3) {
            const int high = hex_value(line[1]);
            const int low = hex_value(line[2]);
            if (high >= 0 && low >= 0) {
                out_.bytes += static_cast<char>(high << 4 | low);
                return 3;
            }
        }
        // At the very end a lone '=' is a soft line break whose line end went to the boundary.
        if (line.size() == 1) return 1;
        ++out_.junk;
        if (reading_ == QuotedPrintableReading::keep_broken) {
            out_.bytes += '=';
            return 1;
        }
        std::size_t length = 1;
        while (length < line.size() && is_passed_over(line[length])) ++length;
        return length;
    }

    std::string_view text_;
    QuotedPrintableReading reading_;
    Decoded out_;
    std::size_t at_ = 0;
};

}  // namespace

TransferEncoding transfer_encoding_for(std::string_view token) {
    using enum TransferEncoding;
    struct Name {
        std::string_view name;
        TransferEncoding encoding;
    };
    static constexpr std::array kNames = {
        Name{"7bit", identity},
        Name{"8bit", identity},
        Name{"binary", identity},
        Name{"base64", base64},
        Name{"quoted-printable", quoted_printable},
        Name{"x-uuencode", uuencode},
        Name{"uuencode", uuencode},
        Name{"x-uue", uuencode},
        Name{"uue", uuencode},
        Name{"x-uu", uuencode},
        Name{"uu", uuencode},
        Name{"x-yenc", yenc},
        Name{"yenc", yenc},
        Name{"x-yencode", yenc},
        Name{"binhex", binhex},
        Name{"x-binhex", binhex},
        Name{"mac-binhex40", binhex},
        Name{"binhex40", binhex},
        Name{"x-binhex40", binhex},
    };
    for (const Name& known : kNames) {
        if (known.name == token) return known.encoding;
    }
    return unknown;
}

Decoded decode_base64(std::string_view text, Base64Reading reading) {
    if (reading == Base64Reading::whole_lines) {
        const std::string lines = base64_lines(text);
        return Base64Decoder(lines, Base64Reading::restart).run();
    }
    return Base64Decoder(text, reading).run();
}

Decoded decode_quoted_printable(std::string_view text, QuotedPrintableReading reading) {
    if (reading == QuotedPrintableReading::drop_broken) {
        const std::string repaired = without_half_escapes(text);
        return QuotedPrintableDecoder(repaired, reading).run();
    }
    return QuotedPrintableDecoder(text, reading).run();
}

bool looks_like_base64(std::string_view text, std::size_t least) {
    std::size_t good = 0;
    std::size_t upper_or_digit = 0;
    text = trim(text);
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    for (const char c : text.substr(0, 4096)) {
        const std::uint8_t value = base64_value(c);
        if (value < 64) {
            ++good;
            if (value < 26 || value >= 52) ++upper_or_digit;
        } else if (value != kSpace && value != kPad) {
            return false;
        } else if (is_blank(c)) {
            return false;
        }
    }
    // Prose without blanks has few capitals and digits; base64 has 59 % of them.
    return good >= least && upper_or_digit * 4 >= good;
}

bool looks_like_quoted_printable(std::string_view text) {
    text = text.substr(0, 4096);
    std::size_t escapes = 0;
    for (std::size_t i = text.find('='); i < text.size(); i = text.find('=', i + 1)) {
        const bool is_escape =
            i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
        if (is_escape) ++escapes;
    }
    return escapes >= 4 && escapes * 20 >= text.size() / 4;
}

}  // namespace cordon
