// SPDX-License-Identifier: GPL-2.0-only
// One pass over an HTML document: from its tokens to the members of Html.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "scoring/message/html.h"
#include "scoring/message/html_links.h"
#include "scoring/message/html_stack.h"
#include "scoring/message/html_text.h"
#include "scoring/message/html_tokenizer.h"
#include "scoring/message/style_sheet.h"

namespace cordon {

class HtmlReader {
 public:
    HtmlReader(std::string_view text, const Limits& limits);
    /// For a second reading: `sheet` has the rules of all <style> elements of the document.
    HtmlReader(std::string_view text, const Limits& limits, StyleSheet sheet);

    void run();
    Html take();
    /// Whether a <style> came behind elements that it may be about.
    bool has_late_style() const { return has_late_style_; }
    StyleSheet take_sheet() { return std::move(sheet_); }

 private:
    void start_tag();
    void end_tag();
    void text(std::string_view written);
    void line_break();
    void comment(std::string_view comment);
    void raw_text_element();
    void note_facts();
    void note_image(const Style& style, bool is_remote);
    void note_input();
    void note_meta();
    int add_links(const HtmlToken& tag, bool is_hidden);
    void add_css_links(std::string_view css);
    int add_link(std::string_view value, LinkSource source, bool is_hidden);
    const Style& style_of_tag();
    const Style& style_of_attribute(std::string_view written);
    void follow_link(int link);

    const Limits& limits_;
    HtmlTokenizer tokenizer_;
    HtmlToken token_;
    HtmlStack stack_;
    StyleSheet sheet_;
    bool is_final_sheet_ = false;
    bool has_elements_ = false;
    bool has_late_style_ = false;
    HtmlText visible_;
    HtmlText hidden_;
    HtmlText shown_;
    std::size_t hidden_size_ = 0;
    int link_ = -1;
    std::optional<Url> base_;
    // Newsletters repeat a few style attributes many times: a small cache, by a hash of the text.
    struct KnownStyle {
        std::string_view written;
        Style style;
    };
    std::vector<KnownStyle> known_styles_;
    std::array<std::uint8_t, 256> known_style_places_{};  // 1 + the place in known_styles_
    Style style_;                                         // of the tag at hand
    std::vector<TagLink> tag_links_;
    Html html_;
};

}  // namespace cordon
