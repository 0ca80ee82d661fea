// SPDX-License-Identifier: GPL-2.0-only
// Who a message claims to be from (RFC 5322 section 3.6.2), and what makes people believe another.
#include <algorithm>
#include <array>
#include <optional>

#include "conf/base/text.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/checks/check.h"
#include "scoring/message/address.h"
#include "scoring/message/url_domain.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"FROM_MISSING", 2.6, "The message has no From"},
    CheckRule{"FROM_REPEATED", 2.5, "The message has more than one From"},
    CheckRule{"FROM_SEVERAL", 3.0, "From names several people and no Sender says who wrote"},
    CheckRule{"FROM_NO_ADDRESS", 0.5, "From holds no address"},
    CheckRule{"FROM_NAME_ADDRESS", 0.6, "The name in From is an address of another domain"},
    CheckRule{"FROM_NAME_OWN_DOMAIN", 2.0, "The name in From poses as an address of this site"},
    CheckRule{"FROM_NAME_SHOWS_DOMAIN", 0.3, "The name in From is the name of another domain"},
    CheckRule{"FROM_IS_TO", 1.2, "The message claims to be from its own recipient"},
    CheckRule{"REPLY_TO_FREEMAIL", 2.2, "Answers go to free mail of another domain than From"},
    CheckRule{"REPLY_TO_OTHER_FREEMAIL", 0.5, "From is free mail, answers go to other free mail"},
};

struct Shown {
    std::string domain;
    bool is_address = false;
};

/// A domain in a display name: "a@b.example" or a bare "b.example".
std::optional<Shown> domain_in(std::string_view name) {
    for (const auto& word : words(name)) {
        std::string_view text = word;
        while (!text.empty() &&
               std::string_view("\"'<>()[];:.").find(text.back()) != std::string_view::npos) {
            text.remove_suffix(1);
        }
        const auto at = text.rfind('@');
        const std::string domain = lower(at == std::string_view::npos ? text : text.substr(at + 1));
        if (domain.find('.') == std::string::npos || registered_domain(domain).empty()) continue;
        return Shown{domain, at != std::string_view::npos && at > 0};
    }
    return {};
}

void check_display_name(const Mailbox& from, const CheckInput& input, Hits& hits) {
    const auto shown = domain_in(from.display_name);
    if (!shown || from.domain.empty() || owner_of(shown->domain) == owner_of(from.domain)) return;
    hits.add(shown->is_address ? "FROM_NAME_ADDRESS" : "FROM_NAME_SHOWS_DOMAIN",
             from.display_name + " <" + from.address() + ">");
    const auto& own = input.site.own_domains;
    if (shown->is_address && std::find(own.begin(), own.end(), shown->domain) != own.end()) {
        hits.add("FROM_NAME_OWN_DOMAIN", from.display_name);
    }
}

void check_reply_to(const Mailbox& from, const CheckInput& input, Hits& hits) {
    const HeaderField* field = input.message.headers().first("Reply-To");
    if (field == nullptr) return;
    const auto reply = parse_mailboxes(field->value);
    if (reply.size() != 1 || reply.front().domain == from.domain) return;
    if (!is_freemail(owner_of(reply.front().domain))) return;
    hits.add(is_freemail(owner_of(from.domain)) ? "REPLY_TO_OTHER_FREEMAIL" : "REPLY_TO_FREEMAIL",
             from.address() + ", answers to " + reply.front().address());
}

/// People who write to themselves do so over their own, authenticated client.
void check_to(const Mailbox& from, const CheckInput& input, Hits& hits) {
    const HeaderField* field = input.message.headers().first("To");
    if (field == nullptr || from.domain.empty() || !input.envelope.auth_user.empty()) return;
    const auto to = parse_mailboxes(field->value, 10);
    if (to.size() == 1 && iequals(to.front().address(), from.address())) {
        hits.add("FROM_IS_TO", from.address());
    }
}

void run(const CheckInput& input, Hits& hits) {
    const auto& headers = input.message.headers();
    const HeaderField* field = headers.first("From");
    if (field == nullptr) return hits.add("FROM_MISSING");
    if (headers.count("From") > 1) hits.add("FROM_REPEATED");
    const auto mailboxes = parse_mailboxes(field->value);
    const auto has_address = [](const Mailbox& mailbox) { return !mailbox.domain.empty(); };
    if (std::none_of(mailboxes.begin(), mailboxes.end(), has_address)) {
        hits.add("FROM_NO_ADDRESS", unfold(field->value));
    }
    if (mailboxes.size() > 1 && headers.first("Sender") == nullptr) hits.add("FROM_SEVERAL");
    if (mailboxes.empty()) return;
    check_display_name(mailboxes.front(), input, hits);
    check_reply_to(mailboxes.front(), input, hits);
    check_to(mailboxes.front(), input, hits);
}

}  // namespace

extern const Check check_from_forgery;
const Check check_from_forgery = {"from_forgery", kRules, run};

}  // namespace cordon
