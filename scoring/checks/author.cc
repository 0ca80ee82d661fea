// SPDX-License-Identifier: GPL-2.0-only
// Who speaks for the author: domains of envelope, signatures, Message-ID and Received against From.
// Names only, nothing is verified here; a message for which nobody speaks is a likely forgery.
#include <algorithm>
#include <array>
#include <set>

#include "conf/base/text.h"
#include "scoring/analysis/derived.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/analysis/random_name.h"
#include "scoring/analysis/trail.h"
#include "scoring/message/address.h"
#include "scoring/message/url_domain.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{
        "AUTHOR_UNSUPPORTED", 0.0,
        "Neither envelope, signature, Message-ID nor any server belongs to the domain in From"},
    CheckRule{"AUTHOR_NO_SERVER", 0.3,
              "No server on the way and no signature belongs to the domain in From"},
    CheckRule{"AUTHOR_COMPANY_FORGED", 3.0,
              "From is a well-known company that signs its mail, but this is unsigned and from "
              "elsewhere"},
    CheckRule{"AUTHOR_RANDOM", 0.7, "The author's address is letters thrown together"},
    CheckRule{"AUTHOR_DOMAIN_RANDOM", 0.8, "The author's domain is letters thrown together"},
    CheckRule{"AUTHOR_FREEMAIL_FORGED", 1.3,
              "From is free mail, but the message did not come from that provider"},
    CheckRule{"AUTHOR_OTHER_ENVELOPE", 0.2, "The envelope sender is of another domain than From"},
    CheckRule{"AUTHOR_OTHER_SIGNATURE", 0.4,
              "The message is signed, but not for the domain in From"},
    CheckRule{"AUTHOR_DOMAIN_UNKNOWN", 2.3, "The domain in From can't exist"},
    CheckRule{"AUTHOR_ENVELOPE_UNKNOWN", 1.4, "The domain of the envelope sender can't exist"},
    CheckRule{"MESSAGE_ID_FOREIGN", 0.8,
              "The Message-ID is of a domain that has no part in the message"},
    CheckRule{"MESSAGE_ID_BARE_HOST", 0.3, "The Message-ID was made on a machine without a domain"},
    CheckRule{"REPLY_TO_OTHER", 0.8, "Answers go to another domain than From"},
    CheckRule{"REPLY_TO_LIKE_FROM", 0.0, "Answers go to another domain, under the author's name"},
};

/// Registered domains under which a provider of free mail sends.
struct Provider {
    std::string_view address;  // owner of the address
    std::string_view servers;  // owners of its machines, between blanks
};

constexpr std::array kProviders = {
    Provider{"aol.com", "aol.com yahoo.com yahoodns.net"},
    Provider{"gmail.com", "google.com gmail.com googlemail.com"},
    Provider{"gmx.com", "gmx.net gmx.com mail.com"},
    Provider{"gmx.de", "gmx.net gmx.de"},
    Provider{"gmx.net", "gmx.net"},
    Provider{"googlemail.com", "google.com gmail.com googlemail.com"},
    Provider{"hotmail.co.uk", "hotmail.com outlook.com microsoft.com"},
    Provider{"hotmail.com", "hotmail.com outlook.com microsoft.com msn.com"},
    Provider{"hotmail.fr", "hotmail.com outlook.com microsoft.com"},
    Provider{"icloud.com", "apple.com icloud.com me.com mac.com"},
    Provider{"live.com", "hotmail.com outlook.com microsoft.com live.com"},
    Provider{"mac.com", "apple.com icloud.com me.com mac.com"},
    Provider{"mail.ru", "mail.ru"},
    Provider{"me.com", "apple.com icloud.com me.com mac.com"},
    Provider{"msn.com", "hotmail.com outlook.com microsoft.com msn.com"},
    Provider{"outlook.com", "outlook.com hotmail.com microsoft.com"},
    Provider{"outlook.de", "outlook.com hotmail.com microsoft.com"},
    Provider{"qq.com", "qq.com"},
    Provider{"web.de", "web.de gmx.net"},
    Provider{"yahoo.co.jp", "yahoo.co.jp"},
    Provider{"yahoo.co.uk", "yahoo.com yahoodns.net yahoo.co.uk"},
    Provider{"yahoo.com", "yahoo.com yahoodns.net"},
    Provider{"yahoo.de", "yahoo.com yahoodns.net yahoo.de"},
    Provider{"yahoo.fr", "yahoo.com yahoodns.net yahoo.fr"},
    Provider{"yandex.ru", "yandex.ru yandex.net yandex.com"},
};

std::string domain_of(std::string_view address) {
    const auto at = address.rfind('@');
    return at == std::string_view::npos ? std::string() : lower(address.substr(at + 1));
}

/// A bare word is left alone: machines and collectors of mail write such domains themselves.
bool can_exist(std::string_view domain) {
    const auto dot = domain.rfind('.');
    if (domain.starts_with('[') || dot == std::string_view::npos) return true;
    return is_known_tld(domain.substr(dot + 1)) || domain.ends_with(".local") ||
           domain.ends_with(".localdomain");
}

struct Supporters {
    std::string envelope;              // owner of the envelope sender
    std::vector<std::string> signers;  // owners of signatures
    std::set<std::string> servers;     // owners of machines on the way
    std::string message_id;            // owner of the Message-ID's host
};

Supporters supporters_of(const CheckInput& input) {
    const auto& headers = input.message.headers();
    Supporters out;
    out.envelope = owner_of(domain_of(input.envelope.mail_from));
    out.signers = signing_owners(headers);
    for (const auto& hop : trail_of(input)) {
        out.servers.insert({owner_of(hop.helo), owner_of(hop.name), owner_of(hop.by)});
    }
    out.servers.insert(owner_of(lower(input.envelope.helo)));
    out.servers.insert(owner_of(lower(input.envelope.client_name)));
    out.message_id = owner_of(message_id_host(headers));
    out.servers.erase("");
    return out;
}

bool signs(const Supporters& all, const std::string& owner) {
    return std::find(all.signers.begin(), all.signers.end(), owner) != all.signers.end();
}

void check_freemail(const std::string& owner, const Supporters& all, Hits& hits) {
    const auto* const provider =
        std::find_if(kProviders.begin(), kProviders.end(),
                     [&](const Provider& p) { return p.address == owner; });
    if (provider == kProviders.end() || signs(all, owner)) return;
    for (const auto& server : words(provider->servers)) {
        if (all.servers.contains(server)) return;
    }
    hits.add("AUTHOR_FREEMAIL_FORGED", owner);
}

void check_domain(const Mailbox& from, const Supporters& all, Hits& hits) {
    const std::string owner = owner_of(from.domain);
    const bool has_envelope = !all.envelope.empty();
    if (has_envelope && all.envelope != owner)
        hits.add("AUTHOR_OTHER_ENVELOPE", all.envelope + ", From " + owner);
    if (!all.signers.empty() && !signs(all, owner))
        hits.add("AUTHOR_OTHER_SIGNATURE", all.signers.front() + ", From " + owner);
    const bool has_server = signs(all, owner) || all.servers.contains(owner);
    if (!has_server && !is_freemail(owner)) hits.add("AUTHOR_NO_SERVER", owner);
    const bool has_trail = !all.servers.empty();
    if (!has_server && has_trail && is_well_known(owner)) hits.add("AUTHOR_COMPANY_FORGED", owner);
    const bool is_supported = all.envelope == owner || signs(all, owner) ||
                              all.message_id == owner || all.servers.contains(owner);
    if (!is_supported && !is_freemail(owner)) hits.add("AUTHOR_UNSUPPORTED", owner);
    const bool is_daemon = istarts_with(from.local_part, "mailer-daemon") ||
                           istarts_with(from.local_part, "postmaster");
    if (!is_daemon) check_freemail(owner, all, hits);
}

void check_message_id(const CheckInput& input, const std::string& owner, const Supporters& all,
                      Hits& hits) {
    const std::string host = message_id_host(input.message.headers());
    if (host.empty()) return;
    if (host.find('.') == std::string::npos && host != "localhost")
        hits.add("MESSAGE_ID_BARE_HOST", host);
    if (registered_domain(host).empty()) return;
    const bool is_known = all.message_id == owner || all.message_id == all.envelope ||
                          signs(all, all.message_id) || all.servers.contains(all.message_id);
    if (!is_known) hits.add("MESSAGE_ID_FOREIGN", host);
}

void check_reply_to(const CheckInput& input, const Mailbox& from, Hits& hits) {
    const HeaderField* field = input.message.headers().first("Reply-To");
    if (field == nullptr) return;
    const auto reply = parse_mailboxes(field->value, 10);
    if (reply.empty() || reply.front().domain.empty()) return;
    if (owner_of(reply.front().domain) == owner_of(from.domain)) return;
    // Lists have answers sent to themselves: the address stands in To or Cc as well.
    for (const std::string_view name : {"To", "Cc"}) {
        if (icontains(input.message.header_text(name), reply.front().address())) return;
    }
    hits.add("REPLY_TO_OTHER", from.address() + ", answers to " + reply.front().address());
    const bool is_alike =
        iequals(reply.front().local_part, from.local_part) ||
        (!from.display_name.empty() && reply.front().display_name == from.display_name);
    if (is_alike) hits.add("REPLY_TO_LIKE_FROM", reply.front().address());
}

void run(const CheckInput& input, Hits& hits) {
    const auto& mailboxes = authors_of(input);
    const bool is_bounce = input.envelope.mail_from.empty();
    if (mailboxes.empty() || mailboxes.front().domain.empty()) return;
    if (!is_bounce && !can_exist(domain_of(input.envelope.mail_from)))
        hits.add("AUTHOR_ENVELOPE_UNKNOWN", input.envelope.mail_from);
    const Mailbox& from = mailboxes.front();
    const Supporters all = supporters_of(input);
    check_message_id(input, owner_of(from.domain), all, hits);
    check_reply_to(input, from, hits);
    if (!input.envelope.auth_user.empty()) return;
    const std::string owner = owner_of(from.domain);
    if (is_random_name(from.local_part)) hits.add("AUTHOR_RANDOM", from.address());
    if (is_random_name(owner.substr(0, owner.find('.'))))
        hits.add("AUTHOR_DOMAIN_RANDOM", from.domain);
    if (!can_exist(from.domain)) return hits.add("AUTHOR_DOMAIN_UNKNOWN", from.address());
    check_domain(from, all, hits);
}

}  // namespace

extern const Check check_author;
const Check check_author = {"author", kRules, run};

}  // namespace cordon
