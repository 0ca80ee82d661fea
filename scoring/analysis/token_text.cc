// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/token_text.h"

#include "conf/base/text.h"

namespace cordon {

bool is_word_char(char c) {
    return is_alpha(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 || c == '$' ||
           c == '!' || c == '%' || c == '\'' || c == '-';
}

std::string shape_of(std::string_view text, std::size_t limit) {
    std::string out;
    for (const char c : text) {
        const char kind = is_digit(c)                           ? '0'
                          : c >= 'a' && c <= 'z'                ? 'a'
                          : c >= 'A' && c <= 'Z'                ? 'A'
                          : static_cast<unsigned char>(c) > 127 ? 'u'
                                                                : c;
        const bool is_run = kind == '0' || kind == 'a' || kind == 'A' || kind == 'u';
        if (is_run && out.ends_with(kind)) continue;
        if (out.size() >= limit) return out;
        out += kind;
    }
    return out;
}

std::string fold_blanks(std::string_view text, std::size_t limit) {
    std::string out;
    out.reserve(std::min(text.size(), limit));
    for (const char c : text) {
        if (out.size() >= limit) break;
        if (!is_space(c))
            out += c;
        else if (!out.ends_with(' '))
            out += ' ';
    }
    return out;
}

void add_host(TokenKind kind, std::string_view prefix, std::string_view host, TokenSink& sink) {
    std::string text(prefix);
    for (int labels = 0; labels < 5 && !host.empty(); ++labels) {
        text.resize(prefix.size());
        sink.token(kind, text.append(host.substr(0, 80)));
        const auto dot = host.find('.');
        if (dot == std::string_view::npos) return;
        host.remove_prefix(dot + 1);
    }
}

void add_ip(const IpAddress& ip, TokenSink& sink) {
    std::string text = "ip:" + ip.to_string();
    for (int i = 0; i < 3; ++i) {
        sink.token(TokenKind::route, text);
        const auto cut = text.find_last_of(".:");
        if (cut == std::string::npos || cut <= 3) return;
        text.resize(cut);
    }
}

}  // namespace cordon
