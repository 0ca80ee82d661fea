// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/smtp/smtp_mail.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/mail_address.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

/// A path as the command wants it; an error for what would be another command.
Result<std::string> path_of(std::string_view path) {
    const bool is_line = std::none_of(path.begin(), path.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (!is_line) return fail(fmt::format("no envelope address: '{}'", printable(path, 200)));
    if (path.starts_with('<') && path.ends_with('>')) return std::string(path);
    return fmt::format("<{}>", without_brackets(path));
}

struct Parameter {
    std::string name;  // upper case
    std::string_view text;
};

std::vector<Parameter> parameters_of(std::string_view text) {
    std::vector<Parameter> out;
    for (const auto word : split(text, ' ')) {
        const bool is_clean = std::all_of(word.begin(), word.end(), [](char c) {
            return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
        });
        if (word.empty() || !is_clean) continue;
        std::string name(word.substr(0, word.find('=')));
        for (char& c : name)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        out.push_back({std::move(name), word});
    }
    return out;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

SmtpOutcome outcome_of(const SmtpReply& reply) {
    const auto state =
        reply.is_permanent() ? SmtpOutcome::State::failed : SmtpOutcome::State::later;
    return {reply.code == 250 ? SmtpOutcome::State::sent : state, reply.text()};
}

/// Gives all that have no outcome yet this one.
void give_rest(std::vector<SmtpOutcome>& outcomes, const SmtpOutcome& outcome) {
    for (auto& each : outcomes)
        if (each.reply.empty()) each = outcome;
}

}  // namespace

Result<std::string> mail_command(const SmtpMail& mail, const SmtpExtensions& extensions) {
    const auto path = path_of(mail.mail_from);
    if (!path) return tl::unexpected(path.error());
    std::string out = "MAIL FROM:" + *path;
    const auto offers = [&](std::string_view keyword) { return extensions.contains(keyword); };
    if (offers("SIZE")) out += fmt::format(" SIZE={}", mail.head.size() + mail.message.size());
    const auto given = parameters_of(mail.mail_parameters);
    const bool is_utf8 = !is_ascii(mail.mail_from) ||
                         std::any_of(given.begin(), given.end(),
                                     [](const auto& p) { return p.name == "SMTPUTF8"; }) ||
                         std::any_of(mail.recipients.begin(), mail.recipients.end(),
                                     [](const auto& r) { return !is_ascii(r.path); });
    if (is_utf8 && !offers("SMTPUTF8"))
        return fail("the message needs SMTPUTF8, which the server does not offer");
    if (is_utf8) out += " SMTPUTF8";
    for (const auto& parameter : given) {
        const bool is_offered =
            (parameter.name == "BODY" && offers("8BITMIME") &&
             !iequals(parameter.text, "BODY=BINARYMIME")) ||
            ((parameter.name == "RET" || parameter.name == "ENVID") && offers("DSN"));
        if (is_offered) out += fmt::format(" {}", parameter.text);
    }
    return out;
}

Result<std::string> rcpt_command(const EnvelopeRecipient& recipient,
                                 const SmtpExtensions& extensions) {
    const auto path = path_of(recipient.path);
    if (!path) return tl::unexpected(path.error());
    std::string out = "RCPT TO:" + *path;
    for (const auto& parameter : parameters_of(recipient.parameters))
        if ((parameter.name == "NOTIFY" || parameter.name == "ORCPT") && extensions.contains("DSN"))
            out += fmt::format(" {}", parameter.text);
    return out;
}

namespace {

/// True when somebody is to have the mail.
bool send_recipients(SmtpSession& session, const SmtpMail& mail,
                     std::vector<SmtpOutcome>& outcomes) {
    bool is_any_accepted = false;
    for (std::size_t i = 0; i < mail.recipients.size(); ++i) {
        const auto line = rcpt_command(mail.recipients[i], session.extensions());
        if (!line) {
            outcomes[i] = {SmtpOutcome::State::failed, line.error().what};
            continue;
        }
        const auto reply = session.command(*line);
        if (!reply) {
            give_rest(outcomes, {SmtpOutcome::State::later, reply.error().what});
            return false;
        }
        if (reply->is_good())
            is_any_accepted = true;
        else
            outcomes[i] = outcome_of(*reply);
        // "552 too many recipients" of old servers means the same as 452 (RFC 5321, 4.5.3.1.10).
        if (reply->code == 552) outcomes[i].state = SmtpOutcome::State::later;
    }
    return is_any_accepted;
}

}  // namespace

std::vector<SmtpOutcome> send_mail(SmtpSession& session, const SmtpMail& mail) {
    std::vector<SmtpOutcome> outcomes(mail.recipients.size());
    const auto give_error = [&](const Error& error) {
        give_rest(outcomes, {SmtpOutcome::State::later, error.what});
        return outcomes;
    };
    const auto line = mail_command(mail, session.extensions());
    if (!line) {
        give_rest(outcomes, {SmtpOutcome::State::failed, line.error().what});
        return outcomes;
    }
    auto reply = session.command(*line);
    if (!reply) return give_error(reply.error());
    if (!reply->is_good()) {
        give_rest(outcomes, outcome_of(*reply));
        return outcomes;
    }
    if (!send_recipients(session, mail, outcomes)) return outcomes;
    reply = session.command("DATA");
    if (!reply) return give_error(reply.error());
    if (reply->code != 354) {
        auto refused = outcome_of(*reply);
        if (refused.state == SmtpOutcome::State::sent) refused.state = SmtpOutcome::State::later;
        give_rest(outcomes, refused);
        return outcomes;
    }
    reply = session.send_data(mail.head, mail.message, mail.may_end);
    if (!reply) return give_error(reply.error());
    give_rest(outcomes, outcome_of(*reply));
    return outcomes;
}

}  // namespace cordon
