// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/tokens.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "conf/base/text.h"
#include "scoring/analysis/token_text.h"
#include "scoring/message/url_domain.h"

namespace cordon {

namespace {

/// "12" for anything from 2^11 to 2^12 - 1: sizes count by their order of magnitude.
std::string magnitude(std::size_t n) {
    return std::to_string(std::bit_width(n));
}

void tokenize_link(const Link& link, TokenSink& sink) {
    const Url& url = link.url;
    const std::string source = "source:" + std::to_string(static_cast<int>(link.source));
    sink.token(TokenKind::link, source + "/" + url.scheme);
    if (url.host.empty()) return;
    if (url.host_is_ip) {
        sink.token(TokenKind::link, "ip");
        sink.token(TokenKind::link, "host:" + url.host.substr(0, 80));
    } else {
        add_host(TokenKind::link, "host:", url.host, sink);
    }
    if (url.port != 0) sink.token(TokenKind::link, "port:" + std::to_string(url.port));
    if (!url.user.empty()) sink.token(TokenKind::link, "user@");
    if (url.odd_ip) sink.token(TokenKind::link, "odd-ip");
    if (link.hidden) sink.token(TokenKind::link, "hidden");
    const auto path = std::string_view(url.path).substr(0, 200);
    sink.token(TokenKind::link, "path:" + shape_of(path, 40));
    for_each_word(path, 2, [&sink](std::string_view word) {
        sink.token(TokenKind::link, "path:" + std::string(word));
    });
}

void tokenize_links(const Message& message, const TokenLimits& limits, TokenSink& sink) {
    const auto& links = message.links();
    sink.token(TokenKind::structure, "links:" + magnitude(links.size()));
    for (std::size_t i = 0; i < links.size() && i < limits.links; ++i)
        tokenize_link(links[i], sink);
}

void tokenize_html(const Html& html, TokenSink& sink) {
    const auto add = [&sink](const char* name, std::size_t n) {
        if (n > 0) sink.token(TokenKind::structure, name + magnitude(n));
    };
    add("html-tags:", html.tags);
    add("html-images:", html.images);
    add("html-remote:", html.remote_images);
    add("html-tiny:", html.tiny_images);
    add("html-comments:", html.comments_bytes);
    add("html-hidden:", html.hidden_text.size());
    const auto flag = [&sink](const char* name, bool is_set) {
        if (is_set) sink.token(TokenKind::structure, name);
    };
    flag("html-form", html.has_form);
    flag("html-password", html.has_password_field);
    flag("html-script", html.has_script);
    flag("html-event", html.has_event_handler);
    flag("html-refresh", html.has_meta_refresh);
    flag("html-base", html.has_base);
    flag("html-iframe", html.has_iframe);
    flag("html-object", html.has_object);
}

void tokenize_parts(const Message& message, const TokenLimits& limits, TokenSink& sink) {
    std::string tree;
    std::size_t n = 0;
    for (const Part& part : message.parts()) {
        if (n++ >= limits.parts) break;
        if (part.reading == 0 && tree.size() < 100) tree.append(part.type).append(" ");
        sink.token(TokenKind::structure, "type:" + part.type.substr(0, 60));
        sink.token(TokenKind::structure, "encoding:" + part.encoding.substr(0, 40));
        if (!part.charset.empty())
            sink.token(TokenKind::structure, "charset:" + part.charset.substr(0, 40));
        if (!part.is_multipart())
            sink.token(TokenKind::structure,
                       "size:" + part.type.substr(0, 60) + ":" + magnitude(part.bytes().size()));
        if (part.name.empty()) continue;
        const auto name = lower(std::string_view(part.name).substr(0, 80));
        sink.token(TokenKind::structure, "name:" + name);
        if (const auto dot = name.rfind('.'); dot != std::string::npos)
            sink.token(TokenKind::structure, "extension:" + name.substr(dot));
    }
    sink.token(TokenKind::structure, "tree:" + tree);
    sink.token(TokenKind::structure,
               "readings:" + magnitude(static_cast<std::size_t>(message.readings())));
    for (std::size_t i = 0; i < message.oddities().size() && i < limits.parts; ++i)
        sink.token(TokenKind::structure, "odd:" + message.oddities()[i].rule);
}

void tokenize_texts(const Message& message, const TokenLimits& limits, TokenSink& sink) {
    std::size_t words_left = limits.word_bytes;
    std::size_t grams_left = limits.gram_bytes;
    for (const BodyText& body : message.texts()) {
        const auto text = std::string_view(body.text).substr(0, words_left);
        words_left -= text.size();
        for_each_word(text, 1,
                      [&sink](std::string_view word) { sink.token(TokenKind::word, word); });
        const auto start = fold_blanks(text.substr(0, grams_left), grams_left);
        grams_left -= std::min(grams_left, start.size());
        sink.grams(TokenKind::gram, start);
        if (body.is_html) tokenize_html(body.html, sink);
    }
    sink.token(TokenKind::structure, "text:" + magnitude(limits.word_bytes - words_left));
}

}  // namespace

void tokenize(const Message& message, const EnvelopeFacts& envelope, const TokenLimits& limits,
              TokenSink& sink) {
    tokenize_headers(message, limits, sink);
    if (envelope.client.is_known()) add_ip(envelope.client, sink);
    if (!envelope.helo.empty())
        add_host(TokenKind::route, "host:", lower(envelope.helo.substr(0, 80)), sink);
    tokenize_texts(message, limits, sink);
    tokenize_links(message, limits, sink);
    tokenize_parts(message, limits, sink);
}

}  // namespace cordon
