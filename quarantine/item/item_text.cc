// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/item/item_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kColumns = 76;
constexpr std::size_t kMaxFieldBytes = 900;
// "=?utf-8?B?...?=" of at most 75 characters holds 45 bytes.
constexpr std::size_t kEncodedWordBytes = 45;

bool is_plain(std::string_view text) {
    // "=?" would be read as an encoded word that somebody else wrote.
    return text.find("=?") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::string encoded_words(std::string_view utf8) {
    std::string out;
    while (!utf8.empty()) {
        auto part = utf8_prefix(utf8, kEncodedWordBytes);
        if (part.empty()) part = utf8.substr(0, 1);
        out += fmt::format("{}=?utf-8?B?{}?=", out.empty() ? "" : "\r\n ", to_base64(part));
        utf8.remove_prefix(part.size());
    }
    return out;
}

/// Plain words, folded at blanks; each line keeps at least one character that is no blank.
std::string folded(std::string_view name, std::string_view text) {
    std::string out;
    std::size_t column = name.size() + 2;
    for (const auto word : split(text, ' ')) {
        const bool is_first = out.empty();
        const bool breaks = !is_first && !word.empty() && column + 1 + word.size() > kColumns;
        if (!is_first) out += breaks ? "\r\n " : " ";
        column = breaks ? 1 + word.size() : column + 1 + word.size();
        out += word;
    }
    return out;
}

/// One line of valid text within bounds.
std::string one_line(std::string_view utf8) {
    std::string out = printable_lines(utf8_prefix(utf8, kMaxFieldBytes));
    std::replace(out.begin(), out.end(), '\n', ' ');
    return std::string(trim(out));
}

bool has_long_word(std::string_view text) {
    const auto all = split(text, ' ');
    return std::any_of(all.begin(), all.end(), [](auto word) { return word.size() > kColumns; });
}

}  // namespace

std::string text_field(std::string_view name, std::string_view utf8) {
    const std::string text = one_line(utf8);
    const bool is_as_it_is = is_plain(text) && !has_long_word(text);
    return fmt::format("{}: {}\r\n", name, is_as_it_is ? folded(name, text) : encoded_words(text));
}

std::string address_field(std::string_view name, std::string_view display,
                          std::string_view address) {
    const std::string text = one_line(display);
    if (text.empty()) return fmt::format("{}: <{}>\r\n", name, address);
    const bool is_quotable = is_plain(text) && text.size() <= kColumns &&
                             text.find_first_of("\"\\") == std::string::npos;
    return fmt::format("{}: {}\r\n <{}>\r\n", name,
                       is_quotable ? '"' + text + '"' : encoded_words(text), address);
}

std::string token_field(std::string_view name, std::string_view token) {
    std::string out = fmt::format("{}:", name);
    for (std::size_t i = 0; i < token.size(); i += kColumns) {
        const bool is_first = i == 0 && token.size() + name.size() + 2 <= kColumns;
        out += is_first ? " " : "\r\n ";
        out += token.substr(i, kColumns);
    }
    return out + "\r\n";
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    std::size_t column = 0;
    const auto put = [&](const std::string& what) {
        if (column + what.size() > kColumns - 1) {
            out += "=\r\n";
            column = 0;
        }
        out += what;
        column += what.size();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') {
            out += "\r\n";
            column = 0;
            continue;
        }
        const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
        // A dot alone on a line and a "From " at its start are what old transports stumble over.
        const bool is_risky = column == 0 && (c == '.' || c == 'F');
        const bool is_safe =
            (c > 0x20 && c < 0x7F && c != '=' && !is_risky) || (c == ' ' && !ends_line);
        put(is_safe ? std::string(1, c) : fmt::format("={:02X}", static_cast<unsigned char>(c)));
    }
    return out;
}

std::string without_links(std::string_view text) {
    struct Defused {
        std::string_view live;
        std::string_view dead;
    };
    constexpr std::array<Defused, 3> kTable = {
        {{"://", "[:]//"}, {"www.", "www[.]"}, {"mailto:", "mailto[:]"}}};
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto rest = text.substr(i);
        const auto* const found = std::find_if(kTable.begin(), kTable.end(), [rest](const auto& d) {
            return istarts_with(rest, d.live);
        });
        out += found == kTable.end() ? rest.substr(0, 1) : found->dead;
        i += found == kTable.end() ? 1 : found->live.size();
    }
    return out;
}

}  // namespace cordon
