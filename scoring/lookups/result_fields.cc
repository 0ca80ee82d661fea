// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/result_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "conf/base/mail_address.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxValue = 255;
constexpr std::size_t kMaxSignatures = 8;  // in the field; Sendmail takes lines below 2048
constexpr std::size_t kMaxField = 1900;
constexpr std::size_t kMaxComment = 100;

bool is_token_byte(char c) {
    return is_alpha(c) || is_digit(c) ||
           std::string_view("!#$%&'*+-.^_`{|}~").find(c) != std::string_view::npos;
}

/// An RFC 2045 token, an address of such tokens, or a quoted string of printable ASCII.
std::string quoted(std::string_view text) {
    text = text.substr(0, kMaxValue);
    const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_token_byte(c) || c == '@' || c == '/';
    });
    if (is_plain) return std::string(text);
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c >= 0x20 && c <= 0x7E ? c : '?';
    }
    return out + '"';
}

/// What may stand in a comment: no brackets, no backslash, printable ASCII.
std::string comment(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, kMaxComment))
        out += c >= 0x20 && c <= 0x7E && c != '(' && c != ')' && c != '\\' ? c : '?';
    return out.empty() ? out : " (" + out + ")";
}

std::string spf_part(const SpfOutcome& spf, std::string_view property, std::string_view value) {
    return fmt::format("spf={}{} {}={}", to_text(spf.result), comment(spf.reason), property,
                       quoted(value));
}

std::string dkim_part(const DkimOutcome& dkim) {
    std::string out = fmt::format("dkim={}", to_text(dkim.result));
    if (dkim.result == DkimResult::pass)
        out += fmt::format(" ({}-bit key{})", dkim.bits, dkim.is_testing ? ", testing" : "");
    else
        out += comment(dkim.reason);
    if (!dkim.domain.empty()) out += " header.d=" + quoted(dkim.domain);
    if (!dkim.selector.empty()) out += " header.s=" + quoted(dkim.selector);
    if (!dkim.algorithm.empty()) out += " header.a=" + quoted(dkim.algorithm);
    if (!dkim.mark.empty()) out += " header.b=" + quoted(dkim.mark);
    return out;
}

std::string dmarc_part(const DmarcOutcome& dmarc) {
    std::string words = dmarc.reason;
    if (dmarc.result == DmarcOutcome::Result::fail)
        words = fmt::format("p={}{}", to_text(dmarc.policy),
                            dmarc.sealer.empty() ? "" : ", explained by ARC of " + dmarc.sealer);
    std::string out = fmt::format("dmarc={}{}", to_text(dmarc.result), comment(words));
    if (!dmarc.domain.empty()) out += " header.from=" + quoted(dmarc.domain);
    return out;
}

std::vector<std::string> parts_of(const Authentication& auth, std::string_view mail_from,
                                  std::string_view helo) {
    std::vector<std::string> out;
    if (auth.iprev) out.push_back(fmt::format("iprev={}", to_text(auth.iprev->result)));
    if (auth.helo_spf) out.push_back(spf_part(*auth.helo_spf, "smtp.helo", helo));
    if (auth.spf)
        out.push_back(mail_from.empty() ? spf_part(*auth.spf, "smtp.helo", helo)
                                        : spf_part(*auth.spf, "smtp.mailfrom", mail_from));
    for (std::size_t i = 0; i < std::min(auth.dkim.size(), kMaxSignatures); ++i)
        out.push_back(dkim_part(auth.dkim[i]));
    if (auth.dmarc) out.push_back(dmarc_part(*auth.dmarc));
    if (auth.arc && auth.arc->result != ArcOutcome::Result::none)
        out.push_back(
            fmt::format("arc={}{}", to_text(auth.arc->result), comment(auth.arc->reason)));
    return out;
}

/// Words of a value: comments gone, quoted strings undone, ";" a word of its own.
std::vector<std::string> words_of(std::string_view value) {
    constexpr std::size_t kMaxWords = 500;
    std::vector<std::string> out;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) out.push_back(std::exchange(word, {}));
    };
    for (std::size_t i = 0; i < value.size() && out.size() < kMaxWords; ++i) {
        const char c = value[i];
        if (c == '(') {
            const auto length = comment_length(value.substr(i));
            if (length == 0) break;
            i += length - 1;
            end_word();
        } else if (c == '"') {
            for (++i; i < value.size() && value[i] != '"'; ++i) {
                if (value[i] == '\\' && i + 1 < value.size()) ++i;
                word += value[i];
            }
        } else if (is_space(c)) {
            end_word();
        } else if (c == ';') {
            end_word();
            out.emplace_back(";");
        } else {
            word += c;
        }
    }
    end_word();
    return out;
}

}  // namespace

std::string results_field(const Authentication& auth, std::string_view authserv_id,
                          std::string_view mail_from, std::string_view helo) {
    std::string out = quoted(authserv_id);
    const auto parts = parts_of(auth, mail_from, helo);
    for (const auto& part : parts) {
        if (out.size() + part.size() > kMaxField) break;
        out += ";\n\t" + part;
    }
    return parts.empty() ? out + "; none" : out;
}

std::string dmarc_passed_domain(std::string_view value) {
    bool is_dmarc_pass = false;
    for (const auto& word : words_of(value)) {
        if (word == ";") is_dmarc_pass = false;
        if (iequals(word, "dmarc=pass")) is_dmarc_pass = true;
        constexpr std::string_view kFrom = "header.from=";
        if (!is_dmarc_pass || !istarts_with(word, kFrom)) continue;
        const auto address = std::string_view(word).substr(kFrom.size());
        return address.find('@') == std::string_view::npos ? lower(address) : domain_of(address);
    }
    return {};
}

}  // namespace cordon
