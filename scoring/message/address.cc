// SPDX-License-Identifier: GPL-2.0-only
// One pass over the characters of an address list. Where the grammar is broken, the reading is that
// of the common clients: what stands in <> is the address, everything before it is shown.
#include "scoring/message/address.h"

#include "conf/base/text.h"
#include "scoring/message/encoded_word.h"
#include "scoring/message/headers.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxFieldBytes = 64U << 10U;  // some thousand addresses

/// Length of the quoted string that begins at '"', quotes included; 0 when it never ends.
std::size_t quoted_length(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            return i + 1;
    }
    return 0;
}

std::string unescape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out += text[i];
    }
    return out;
}

std::string without_blanks(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (!is_space(c)) out += c;
    }
    return out;
}

class MailboxReader {
 public:
    MailboxReader(std::string_view text, std::size_t limit) : text_(text), limit_(limit) {}

    std::vector<Mailbox> run() {
        while (at_ < text_.size() && found_.size() < limit_) step();
        finish();
        return std::move(found_);
    }

 private:
    void step() {
        const std::string_view rest = text_.substr(at_);
        switch (rest[0]) {
            case '"': return take_quoted(rest);
            case '(': return take_comment(rest);
            case '<': return take_angle(rest);
            case ',':
            case ';': ++at_; return finish();
            case ':':
                if (begins_group(rest))
                    clear_phrase();
                else
                    add_to_phrase(":");
                break;
            case '\\':
                if (rest.size() > 1) ++at_;
                add_to_phrase(text_.substr(at_, 1));
                break;
            default: add_to_phrase(rest.substr(0, 1));
        }
        ++at_;
    }

    void add_to_phrase(std::string_view text) {
        phrase_ += text;
        if (text == "@") has_at_ = true;
        if (text.size() > 1 || !is_space(text[0])) is_phrase_blank_ = false;
    }

    void clear_phrase() {
        phrase_.clear();
        has_at_ = false;
        is_phrase_blank_ = true;
    }

    bool begins_group(std::string_view rest) {
        if (has_angle_ || has_at_) return false;
        if (last_semicolon_ == kUnset) last_semicolon_ = text_.rfind(';');
        return last_semicolon_ != std::string_view::npos &&
               last_semicolon_ >= text_.size() - rest.size();
    }

    void take_quoted(std::string_view rest) {
        const std::size_t length = at_ < no_quote_after_ ? quoted_length(rest) : 0;
        if (length == 0) {
            no_quote_after_ = std::min(no_quote_after_, at_);
            add_to_phrase("\"");
            ++at_;
            return;
        }
        const std::string inner = unescape(rest.substr(1, length - 2));
        if (is_phrase_blank_ && rest.size() > length && rest[length] == '@') {
            quoted_local_ = inner;
            has_quoted_local_ = true;
        } else if (!inner.empty()) {
            add_to_phrase(inner);
        }
        at_ += length;
    }

    void take_comment(std::string_view rest) {
        const std::size_t length = at_ < no_comment_after_ ? comment_length(rest) : 0;
        if (length == 0) {
            no_comment_after_ = std::min(no_comment_after_, at_);
            add_to_phrase("(");
            ++at_;
            return;
        }
        comment_ = unescape(rest.substr(1, length - 2));
        at_ += length;
    }

    void take_angle(std::string_view rest) {
        std::size_t end = at_ < no_angle_after_ ? rest.find('>') : std::string_view::npos;
        std::size_t next = end + 1;
        if (end == std::string_view::npos) {
            no_angle_after_ = std::min(no_angle_after_, at_);
            next = end = std::min(rest.find(','), rest.size());
        }
        // "a <b <real@example.org>": the innermost one counts.
        const std::size_t inner = rest.substr(0, end).rfind('<');
        if (inner != 0) add_to_phrase(rest.substr(0, inner));
        angle_ = rest.substr(inner + 1, end - inner - 1);
        has_angle_ = true;
        at_ += next;
    }

    void finish() {
        Mailbox box;
        if (has_angle_) {
            box.display_name = std::string(trim(decode_encoded_words(trim(phrase_))));
            set_address(angle_, box);
        } else if (has_quoted_local_) {
            box.local_part = decode_encoded_words(quoted_local_);
            set_domain(std::string_view(phrase_).substr(phrase_.find('@') + 1), box);
        } else if (!is_phrase_blank_) {
            set_address(phrase_, box);
        }
        if (box.display_name.empty() && !comment_.empty()) {
            box.display_name = decode_encoded_words(trim(comment_));
        }
        if (!box.local_part.empty() || !box.domain.empty() || !box.display_name.empty()) {
            found_.push_back(std::move(box));
        }
        clear_phrase();
        comment_.clear();
        angle_ = {};
        has_angle_ = has_quoted_local_ = false;
    }

    static void set_address(std::string_view text, Mailbox& box) {
        text = trim(text);
        // A source route (RFC 5322 section 4.4) says nothing about the mailbox.
        if (text.starts_with('@')) {
            const std::size_t colon = text.find(':');
            if (colon != std::string_view::npos) text = trim(text.substr(colon + 1));
        }
        if (text.starts_with('"')) {
            const std::size_t length = quoted_length(text);
            if (length > 0) {
                box.local_part = decode_encoded_words(unescape(text.substr(1, length - 2)));
                text.remove_prefix(length);
                if (text.starts_with('@')) text.remove_prefix(1);
                set_domain(text, box);
                return;
            }
        }
        const std::size_t at = text.rfind('@');
        box.local_part = decode_encoded_words(trim(text.substr(0, at)));
        if (at != std::string_view::npos) set_domain(text.substr(at + 1), box);
    }

    static void set_domain(std::string_view text, Mailbox& box) {
        text = text.substr(0, text.find('('));
        box.domain = decode_encoded_words(lower(without_blanks(text)));
        if (box.domain.ends_with('.')) box.domain.pop_back();
    }

    static constexpr std::size_t kUnset = std::string_view::npos - 1;

    std::string_view text_;
    std::size_t limit_;
    std::size_t at_ = 0;
    std::string phrase_;
    std::string comment_;
    std::string quoted_local_;
    std::string_view angle_;
    bool has_angle_ = false;
    bool has_quoted_local_ = false;
    bool has_at_ = false;
    bool is_phrase_blank_ = true;
    // A search that failed once need not be repeated: keeps the pass linear.
    std::size_t no_quote_after_ = std::string_view::npos;
    std::size_t no_comment_after_ = std::string_view::npos;
    std::size_t no_angle_after_ = std::string_view::npos;
    std::size_t last_semicolon_ = kUnset;
    std::vector<Mailbox> found_;
};

}  // namespace

std::vector<Mailbox> parse_mailboxes(std::string_view value, std::size_t limit) {
    const std::string text = unfold(value.substr(0, kMaxFieldBytes));
    return MailboxReader(text, limit).run();
}

}  // namespace cordon
