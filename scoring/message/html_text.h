// SPDX-License-Identifier: GPL-2.0-only
// Text of an HTML document as it comes out on a line: references decoded, white space (also
// no-break spaces) folded into single blanks, line breaks between blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cordon {

enum class Blanks : std::uint8_t { fold, keep_lines };

class HtmlText {
 public:
    explicit HtmlText(std::size_t limit) : limit_(limit) {}

    /// Text as written in the document.
    void append(std::string_view text, Blanks blanks = Blanks::fold);
    void blank() {
        if (gap_ == '\0') gap_ = ' ';
    }
    void line_break() { gap_ = '\n'; }

    const std::string& text() const { return out_; }
    std::string take();
    bool is_full() const { return out_.size() >= limit_; }

 private:
    void put(std::string_view plain);
    void put_reference(std::string_view& text);

    std::string out_;
    std::string scratch_;
    std::size_t limit_;
    char gap_ = '\0';
};

/// Bytes without blanks and the invisible characters that newsletters pad their preheader with.
std::size_t significant_bytes(std::string_view text);

/// Whether written text is white space only.
bool is_blank_html(std::string_view text);

}  // namespace cordon
