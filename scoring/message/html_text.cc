// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/html_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "conf/base/text.h"
#include "scoring/message/entities.h"
#include "scoring/message/url_bytes.h"

namespace cordon {
namespace {

constexpr char kNoBreakLead = '\xC2';  // U+00A0 is C2 A0

constexpr ByteSet kSpaces(" \t\r\n\f");
constexpr ByteSet kSpecials(std::string_view(" \t\r\n\f&\xC2\0", 8));

}  // namespace

bool is_blank_html(std::string_view text) {
    return kSpaces.find_other(text) == text.size();
}

std::size_t significant_bytes(std::string_view text) {
    constexpr std::array<std::string_view, 10> kPadding = {
        " ", "\n", "\u00AD", "\u034F", "\u2007", "\u200B", "\u200C", "\u200D", "\u2060", "\uFEFF"};
    std::size_t size = 0;
    while (!text.empty()) {
        const auto* const padding = std::find_if(
            kPadding.begin(), kPadding.end(),
            [text](std::string_view character) { return text.starts_with(character); });
        if (padding == kPadding.end()) ++size;
        text.remove_prefix(padding == kPadding.end() ? 1 : padding->size());
    }
    return size;
}

void HtmlText::append(std::string_view text, Blanks blanks) {
    while (!text.empty()) {
        auto size = kSpecials.find_in(text);
        // Words with single blanks between them go together.
        while (size > 0 && size + 1 < text.size() && text[size] == ' ' &&
               !kSpecials.has(text[size + 1])) {
            size = kSpecials.find_in(text, size + 1);
        }
        put(text.substr(0, size));
        text.remove_prefix(size);
        if (text.empty()) return;
        const char c = text.front();
        if (c == '&') {
            put_reference(text);
            continue;
        }
        if (c == kNoBreakLead) {
            const auto character = text.substr(0, 2);
            character == "\u00A0" ? blank() : put(character);
            text.remove_prefix(character.size());
            continue;
        }
        if (c == '\n' && blanks == Blanks::keep_lines) {
            line_break();
        } else if (c != '\0') {
            blank();
        }
        text.remove_prefix(blanks == Blanks::fold && c != '\0' ? kSpaces.find_other(text) : 1);
    }
}

void HtmlText::put_reference(std::string_view& text) {
    scratch_.clear();
    const auto size = read_reference(text, ReferencePlace::text, scratch_);
    if (size == 0) {
        put("&");
    } else if (scratch_ == "\u00A0" || (scratch_.size() == 1 && kSpaces.has(scratch_[0]))) {
        blank();
    } else {
        put(scratch_);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
}

void HtmlText::put(std::string_view plain) {
    if (plain.empty() || is_full()) return;
    if (gap_ != '\0' && !out_.empty()) out_ += gap_;
    gap_ = '\0';
    const auto left = limit_ - std::min(limit_, out_.size());
    out_ += plain.size() <= left ? plain : utf8_prefix(plain, left);
}

std::string HtmlText::take() {
    gap_ = '\0';
    return std::exchange(out_, {});
}

}  // namespace cordon
