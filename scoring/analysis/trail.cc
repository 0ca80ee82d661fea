// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/trail.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/analysis/mail_date.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxHops = 30;
constexpr std::size_t kMaxFieldBytes = 2000;
constexpr std::size_t kMaxSignatures = 10;

bool is_separator(char c) {
    switch (c) {
        case ' ':
        case '\t':
        case '(':
        case ')':
        case '[':
        case ']':
        case '"':
        case '<':
        case '>':
        case ',':
        case ';': return true;
        default: return false;
    }
}

/// Words of a clause: brackets, parentheses, quotes and blanks separate them.
std::vector<std::string> clause_words(std::string_view clause) {
    std::vector<std::string> out;
    std::string word;
    for (const char c : clause) {
        if (!is_separator(c)) {
            word += ascii_lower(c);
            continue;
        }
        if (!word.empty()) out.push_back(std::move(word));
        word.clear();
    }
    if (!word.empty()) out.push_back(std::move(word));
    return out;
}

std::optional<IpAddress> address_in(std::string_view word) {
    if (word.starts_with("ipv6:")) word.remove_prefix(5);
    if (const auto ip = IpAddress::parse(word)) return ip;
    // Exim writes a port behind the brackets, vger inside.
    const auto colon = word.rfind(':');
    return colon == std::string_view::npos ? std::nullopt : IpAddress::parse(word.substr(0, colon));
}

bool is_host_name(std::string_view word) {
    return word.find('.') != std::string_view::npos && word.find('@') == std::string_view::npos &&
           word.find('=') == std::string_view::npos && !address_in(word);
}

/// "HELO" told apart from the name: Exim's helo=name, qmail's and vger's "HELO name".
std::string explicit_helo(const std::vector<std::string>& inside) {
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (inside[i].starts_with("helo=")) return inside[i].substr(5);
        const bool is_verb = inside[i] == "helo" || inside[i] == "ehlo";
        if (is_verb && i + 1 < inside.size()) return inside[i + 1];
    }
    return {};
}

void read_from(std::string_view clause, Hop& hop) {
    const auto open = clause.find('(');
    const auto outside = clause_words(clause.substr(0, open));
    const auto inside = open == std::string_view::npos ? std::vector<std::string>()
                                                       : clause_words(clause.substr(open));
    for (const auto* list : {&inside, &outside}) {
        for (const auto& word : *list) {
            if (!hop.client) hop.client = address_in(word);
        }
    }
    const std::string first = outside.empty() ? "" : outside.front();
    const std::string said = explicit_helo(inside);
    hop.helo = said.empty() ? first : said;
    const bool has_unknown =
        first == "unknown" || std::find(inside.begin(), inside.end(), "unknown") != inside.end();
    if (!said.empty()) {
        if (is_host_name(first)) hop.name = first;
        hop.is_unnamed = hop.name.empty();
    } else if (!inside.empty() && is_host_name(inside.front())) {
        hop.name = inside.front();
    }
    if (has_unknown) hop.is_unnamed = true;
}

/// Where the word begins that starts a clause, behind `from`; npos when there is none.
std::size_t find_clause(std::string_view text, std::string_view word, std::size_t from) {
    int depth = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == '(') ++depth;
        if (text[i] == ')' && depth > 0) --depth;
        if (depth > 0 || !is_blank(text[i])) continue;
        if (istarts_with(text.substr(i + 1), word)) return i + 1;
    }
    return std::string_view::npos;
}

constexpr std::array<std::string_view, 16> kDialupWords = {
    "adsl", "dsl", "dialup", "dial",  "dialin",    "dyn",  "dynamic", "dhcp",
    "pool", "ppp", "pppoe",  "cable", "dynamicip", "catv", "fios",    "broadband"};

}  // namespace

Hop parse_received(std::string_view value) {
    const std::string text = unfold(value.substr(0, kMaxFieldBytes));
    const std::string_view view = text;
    Hop hop;
    const auto semicolon = view.rfind(';');
    const std::string_view clauses = view.substr(0, semicolon);
    if (semicolon != std::string_view::npos) {
        if (const auto date = parse_mail_date(view.substr(semicolon + 1)))
            hop.unix_seconds = date->unix_seconds;
    }
    const bool has_from = istarts_with(clauses, "from ");
    const auto by = istarts_with(clauses, "by ") ? 0 : find_clause(clauses, "by ", 0);
    if (has_from) read_from(clauses.substr(5, by == std::string_view::npos ? by : by - 5), hop);
    if (by == std::string_view::npos) return hop;
    const auto by_words = clause_words(clauses.substr(by + 3));
    if (!by_words.empty()) hop.by = by_words.front();
    const auto with = find_clause(clauses, "with ", by);
    if (with != std::string_view::npos) {
        const auto with_words = clause_words(clauses.substr(with + 5));
        hop.is_authenticated = !with_words.empty() && (with_words.front().ends_with("smtpa") ||
                                                       with_words.front().ends_with("smtpsa") ||
                                                       with_words.front() == "asmtp");
    }
    if (icontains(clauses, "authenticated") || icontains(clauses, "auth="))
        hop.is_authenticated = true;
    return hop;
}

std::vector<Hop> read_trail(const HeaderBlock& headers) {
    std::vector<Hop> out;
    for (const auto& field : headers.fields()) {
        if (!iequals(field.name, "Received")) continue;
        if (out.size() >= kMaxHops) break;
        out.push_back(parse_received(field.value));
    }
    return out;
}

bool is_public(const IpAddress& address) {
    if (!address.is_known() || address.is_loopback()) return false;
    static const std::vector<IpNetwork> kPrivate = [] {
        std::vector<IpNetwork> networks;
        for (const auto* network :
             {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12",
              "192.168.0.0/16", "fc00::/7", "fe80::/10", "224.0.0.0/3"})
            networks.push_back(*IpNetwork::parse(network));
        return networks;
    }();
    return std::none_of(kPrivate.begin(), kPrivate.end(),
                        [&](const IpNetwork& network) { return network.contains(address); });
}

bool is_dialup_name(std::string_view name) {
    const std::string owner = owner_of(name);
    if (owner.size() >= name.size()) return false;
    const std::string_view host = name.substr(0, name.size() - owner.size());
    const auto digits = std::count_if(host.begin(), host.end(), is_digit);
    std::size_t groups = 0;
    std::string word;
    bool has_word = false;
    for (std::size_t i = 0; i <= host.size(); ++i) {
        if (i < host.size() && is_alpha(host[i])) {
            word += ascii_lower(host[i]);
            continue;
        }
        has_word = has_word ||
                   std::find(kDialupWords.begin(), kDialupWords.end(), word) != kDialupWords.end();
        word.clear();
        const bool ends_group =
            i > 0 && is_digit(host[i - 1]) && (i == host.size() || !is_digit(host[i]));
        if (ends_group) ++groups;
    }
    return (has_word && digits > 1) || groups >= 4;
}

std::vector<std::string> signing_owners(const HeaderBlock& headers) {
    std::vector<std::string> out;
    for (const auto& field : headers.fields()) {
        if (!iequals(field.name, "DKIM-Signature") || out.size() >= kMaxSignatures) continue;
        const std::string text = unfold(field.value.substr(0, kMaxFieldBytes));
        for (const auto tag : split(text, ';')) {
            const auto trimmed = trim(tag);
            const auto equals = trimmed.find('=');
            if (equals == std::string_view::npos || trim(trimmed.substr(0, equals)) != "d")
                continue;
            out.push_back(owner_of(lower(trim(trimmed.substr(equals + 1)))));
        }
    }
    return out;
}

std::string message_id_host(const HeaderBlock& headers) {
    const HeaderField* field = headers.first("Message-ID");
    if (field == nullptr) return {};
    const std::string text = unfold(field->value.substr(0, kMaxFieldBytes));
    const auto at = text.rfind('@');
    if (at == std::string::npos) return {};
    const auto end = text.find_first_of("> \t", at);
    return lower(
        std::string_view(text).substr(at + 1, end == std::string::npos ? end : end - at - 1));
}

}  // namespace cordon
