// SPDX-License-Identifier: GPL-2.0-only
// Tags, text and comments of HTML as the HTML standard (section 13.2.5) has browsers cut them:
// linear time, no copies, no errors. Views point into the text given.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "scoring/message/html_names.h"

namespace cordon {

struct HtmlToken {
    enum class Kind : std::uint8_t { text, start_tag, end_tag, comment };

    Kind kind = Kind::text;
    Tag tag = Tag::unknown;
    bool self_closing = false;
    std::string_view name;  // of a tag, any case
    std::string_view text;  // of text and comments, as written
    std::uint32_t attributes = 0;

    bool has(Attribute attribute) const {
        return (attributes >> static_cast<unsigned>(attribute) & 1U) != 0;
    }
    /// As written, with character references; empty when missing. The first of several counts.
    std::string_view raw(Attribute attribute) const {
        return has(attribute) ? values[static_cast<std::size_t>(attribute)] : std::string_view();
    }
    std::array<std::string_view, kAttributes> values;  // those that has() says are there
};

class HtmlTokenizer {
 public:
    explicit HtmlTokenizer(std::string_view text) : text_(text) {}

    /// False at the end. An unfinished tag at the end is dropped, as browsers do.
    bool next(HtmlToken& token);
    /// The text of script, style, title and so on: all up to </name ...>, which is left to next().
    std::string_view raw_text(std::string_view name);
    std::string_view rest();
    /// Whether <![CDATA[ counts: only inside svg and math.
    void set_foreign(bool is_foreign) { is_foreign_ = is_foreign; }

 private:
    bool markup(HtmlToken& token);
    bool tag(HtmlToken& token, std::size_t start, HtmlToken::Kind kind);
    void attribute(HtmlToken& token);
    std::string_view attribute_value();
    void comment(HtmlToken& token, std::size_t start);
    void bogus_comment(HtmlToken& token, std::size_t start);
    std::size_t script_end(std::size_t start) const;
    std::size_t close_tag(std::size_t start, std::string_view name) const;

    std::string_view text_;
    std::size_t at_ = 0;
    bool is_foreign_ = false;
};

}  // namespace cordon
