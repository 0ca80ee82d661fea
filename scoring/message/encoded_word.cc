// SPDX-License-Identifier: GPL-2.0-only
// RFC 2047 with the amendments of RFC 2231 section 5 (language after the charset).
#include "scoring/message/encoded_word.h"

#include <algorithm>
#include <optional>

#include "conf/base/text.h"
#include "scoring/message/charset.h"
#include "scoring/message/headers.h"
#include "scoring/message/transfer_encoding.h"

namespace cordon {

namespace {

constexpr std::size_t kLongestCharset = 60;

struct EncodedWord {
    std::string_view charset;
    bool is_base64 = false;
    std::string_view text;
    std::size_t end = 0;  // offset after "?="
};

class EncodedWordDecoder {
 public:
    explicit EncodedWordDecoder(std::string_view text) : text_(text) {}

    std::string run() {
        std::size_t plain = 0;  // where text that is no encoded word begins
        std::size_t at = 0;
        while ((at = text_.find("=?", at)) != std::string_view::npos) {
            const auto word = word_at(at);
            if (!word) {
                at += 2;
                continue;
            }
            take_plain(text_.substr(plain, at - plain));
            take_word(*word);
            at = plain = word->end;
        }
        flush();
        append_raw(text_.substr(plain));
        return std::move(out_);
    }

 private:
    std::optional<EncodedWord> word_at(std::size_t at) {
        if (at >= no_end_after_) return std::nullopt;
        const std::size_t charset_end = text_.substr(at + 2, kLongestCharset).find('?');
        if (charset_end == std::string_view::npos || charset_end == 0) return std::nullopt;
        const std::size_t encoding = at + 2 + charset_end + 1;
        if (encoding + 1 >= text_.size() || text_[encoding + 1] != '?') return std::nullopt;
        const char kind = ascii_lower(text_[encoding]);
        if (kind != 'b' && kind != 'q') return std::nullopt;
        const std::size_t begin = encoding + 2;
        const std::size_t end = text_.find("?=", begin);
        if (end == std::string_view::npos) {
            no_end_after_ = at;
            return std::nullopt;
        }
        const std::string_view charset = text_.substr(at + 2, charset_end);
        return EncodedWord{charset.substr(0, charset.find('*')), kind == 'b',
                           text_.substr(begin, end - begin), end + 2};
    }

    void take_plain(std::string_view plain) {
        const bool is_all_blank = std::all_of(plain.begin(), plain.end(), is_space);
        if (is_all_blank && has_pending_) return;  // blanks between two words don't count
        flush();
        append_raw(plain);
    }

    void take_word(const EncodedWord& word) {
        if (has_pending_ && !iequals(word.charset, charset_)) flush();
        charset_ = word.charset;
        has_pending_ = true;
        pending_ += word.is_base64 ? decode_base64(word.text).bytes : decode_q(word.text);
    }

    static std::string decode_q(std::string_view text) {
        std::string underscores(text);
        std::replace(underscores.begin(), underscores.end(), '_', ' ');
        // A blank at the end of a word is meant, at the end of a line it is not: add a character.
        std::string decoded = decode_quoted_printable(underscores + '.').bytes;
        decoded.pop_back();
        return decoded;
    }

    void flush() {
        if (!has_pending_) return;
        out_ += to_utf8(pending_, charset_, pending_.size()).text;
        pending_.clear();
        has_pending_ = false;
    }

    void append_raw(std::string_view raw) {
        if (is_ascii(raw) || is_valid_utf8(raw))
            out_ += raw;
        else
            out_ += windows_1252_to_utf8(raw);
    }

    std::string_view text_;
    std::string out_;
    std::string pending_;
    std::string_view charset_;
    bool has_pending_ = false;
    std::size_t no_end_after_ = std::string_view::npos;
};

}  // namespace

std::string decode_encoded_words(std::string_view text) {
    return EncodedWordDecoder(text).run();
}

std::string decode_header_text(std::string_view value) {
    const std::string text = unfold(value);
    return decode_encoded_words(text);
}

}  // namespace cordon
