// SPDX-License-Identifier: GPL-2.0-only
// The header's share of tokenize(). Fields are chosen: To, Cc, Date and their like tell who got the
// mail and when, not what it is; the fields of filters and mailboxes tell what others thought.
#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/analysis/token_text.h"
#include "scoring/message/address.h"

namespace cordon {

namespace {

// Beginnings of names that filters, mailboxes and list servers add on the way.
constexpr std::array kForeignFields = {"x-spam",
                                       "x-old-spam",
                                       "x-cordon",
                                       "authentication-results",
                                       "arc-",
                                       "received-spf",
                                       "x-virus",
                                       "x-rspamd",
                                       "x-bogosity",
                                       "x-amavis",
                                       "x-quarantine",
                                       "x-received",
                                       "x-original-",
                                       "delivered-to",
                                       "return-path",
                                       "envelope-to",
                                       "x-envelope",
                                       "delivery-date",
                                       "status",
                                       "x-status",
                                       "x-keywords",
                                       "x-uid",
                                       "x-mozilla",
                                       "x-evolution",
                                       "x-gmail",
                                       "x-gm-",
                                       "content-length",
                                       "lines",
                                       "list-",
                                       "x-beenthere",
                                       "x-mailman",
                                       "x-loop",
                                       "x-been-here",
                                       "errors-to",
                                       "x-mailing-list",
                                       "archived-at",
                                       "x-rcpt",
                                       "x-apparently-to",
                                       "x-original",
                                       "x-delivered",
                                       "x-ms-exchange-",
                                       "x-forefront",
                                       "x-microsoft-antispam",
                                       "x-folder",
                                       "x-label",
                                       "old-subject",
                                       "message-id-hash",
                                       "received"};

// Whose value is looked at as it is.
constexpr std::array kValueFields = {"x-mailer",
                                     "user-agent",
                                     "mime-version",
                                     "content-type",
                                     "content-transfer-encoding",
                                     "x-priority",
                                     "x-msmail-priority",
                                     "importance",
                                     "priority",
                                     "organization",
                                     "x-mimeole",
                                     "precedence",
                                     "auto-submitted",
                                     "content-language",
                                     "content-disposition",
                                     "x-originating-ip",
                                     "comments",
                                     "keywords",
                                     "thread-index",
                                     "x-accept-language"};

constexpr std::array kAuthorFields = {"from", "reply-to", "sender", "resent-from"};

template <typename List>
bool contains(const List& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

bool is_foreign(std::string_view name) {
    return std::any_of(kForeignFields.begin(), kForeignFields.end(),
                       [name](std::string_view start) { return name.starts_with(start); });
}

void tokenize_value(const std::string& name, std::string_view value, TokenSink& sink) {
    const std::string prefix = name + ":";
    sink.token(TokenKind::header, prefix + shape_of(value, 60));
    for_each_word(value, 1, [&](std::string_view word) {
        sink.token(TokenKind::header, prefix + std::string(word));
    });
    if (value.size() <= 80) sink.token(TokenKind::header, prefix + "=" + std::string(value));
}

void tokenize_author(const std::string& name, std::string_view value, TokenSink& sink) {
    const std::string prefix = name + ":";
    const auto mailboxes = parse_mailboxes(value, 3);
    for (const auto& mailbox : mailboxes) {
        const std::string address = lower(std::string_view(mailbox.address()).substr(0, 120));
        sink.token(TokenKind::author, prefix + address);
        sink.token(TokenKind::author, prefix + "local:" + shape_of(mailbox.local_part, 40));
        add_host(TokenKind::author, prefix + "@", std::string_view(mailbox.domain), sink);
        for_each_word(mailbox.display_name, 1, [&](std::string_view word) {
            sink.token(TokenKind::author, prefix + "name:" + std::string(word));
        });
        sink.token(TokenKind::author, prefix + "shape:" + shape_of(mailbox.display_name, 40));
    }
    sink.token(TokenKind::author, prefix + shape_of(value.substr(0, 80), 40));
}

void tokenize_message_id(const std::string& name, std::string_view value, TokenSink& sink) {
    const std::string prefix = name + ":";
    sink.token(TokenKind::header, prefix + shape_of(value, 60));
    const auto at = value.rfind('@');
    if (at == std::string_view::npos) return;
    auto domain = lower(value.substr(at + 1, 100));
    while (!domain.empty() && (domain.back() == '>' || is_space(domain.back()))) domain.pop_back();
    add_host(TokenKind::header, prefix + "@", domain, sink);
}

/// Received: who handed the message over, up to what names the recipient or the time.
void tokenize_relay(std::string_view value, TokenSink& sink) {
    value = value.substr(0, value.find(';'));
    // A folded field keeps the tab of its fold.
    for (std::size_t i = value.find("by"); i != std::string_view::npos;
         i = value.find("by", i + 1)) {
        if (i > 0 && is_space(value[i - 1]) && i + 2 < value.size() && is_space(value[i + 2])) {
            value = value.substr(0, i);
            break;
        }
    }
    sink.token(TokenKind::route, "shape:" + shape_of(value, 50));
    std::string word;
    for (std::size_t i = 0; i <= value.size(); ++i) {
        const bool is_part =
            i < value.size() && (is_alpha(value[i]) || is_digit(value[i]) || value[i] == '.' ||
                                 value[i] == '-' || value[i] == ':' || value[i] == '_');
        if (is_part) {
            if (word.size() < 80) word += ascii_lower(value[i]);
            continue;
        }
        if (const auto ip = IpAddress::parse(word))
            add_ip(*ip, sink);
        else if (word.size() > 1)
            add_host(TokenKind::route, "host:", word, sink);
        word.clear();
    }
}

void tokenize_subject(std::string_view value, TokenSink& sink) {
    sink.token(TokenKind::subject, "shape:" + shape_of(value, 40));
    for_each_word(value, 1,
                  [&sink](std::string_view word) { sink.token(TokenKind::subject, word); });
    sink.grams(TokenKind::title, value);
}

void tokenize_field(const HeaderField& field, const TokenLimits& limits, TokenSink& sink) {
    const std::string name = lower(trim(field.name));
    const bool is_author = contains(kAuthorFields, name);
    const bool is_id = name == "message-id" || name == "in-reply-to" || name == "references";
    if (!is_author && !is_id && name != "subject" && !contains(kValueFields, name)) return;
    const std::string value = decode_header_text(field.value.substr(0, 4 * limits.value_bytes));
    const auto text = utf8_prefix(trim(value), limits.value_bytes);
    if (name == "subject") return tokenize_subject(text, sink);
    if (is_id) return tokenize_message_id(name, text, sink);
    if (!is_author) return tokenize_value(name, text, sink);
    tokenize_author(name, field.value.substr(0, limits.value_bytes), sink);
    sink.grams(TokenKind::title, text);
}

}  // namespace

void tokenize_headers(const Message& message, const TokenLimits& limits, TokenSink& sink) {
    std::size_t relays = 0;
    std::size_t seen = 0;
    std::string before = "^";
    for (const auto& field : message.headers().fields()) {
        if (seen++ >= limits.header_fields) break;
        if (is_field(field, "Received")) {
            if (relays++ < limits.relays)
                tokenize_relay(unfold(field.value.substr(0, limits.value_bytes)), sink);
            continue;
        }
        if (is_foreign(lower(field.name.substr(0, 40)))) continue;
        const std::string name(trim(field.name.substr(0, 40)));
        sink.token(TokenKind::field, name);
        sink.token(TokenKind::field, before + ">" + name);
        before = name;
        tokenize_field(field, limits, sink);
    }
    sink.token(TokenKind::field, before + ">$");
    sink.token(TokenKind::route, "relays:" + std::to_string(relays));
}

}  // namespace cordon
