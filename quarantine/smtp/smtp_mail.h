// SPDX-License-Identifier: GPL-2.0-only
// One message over an SMTP session: the envelope as it was received, with those of its parameters
// that the server offers, and for each recipient what the server said.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quarantine/smtp/smtp_session.h"
#include "quarantine/vault/held_message.h"

namespace cordon {

struct SmtpMail {
    std::string mail_from;  // path, "<>" for the null sender
    std::string mail_parameters;
    std::vector<EnvelopeRecipient> recipients;
    std::string head;          // header lines of our own, each with its CRLF
    std::string_view message;  // exact
    MayEnd may_end = {};
};

struct SmtpOutcome {
    enum class State : std::uint8_t { sent, failed, later };
    State state = State::later;
    std::string reply;  // what the server said, or what went wrong on the way to it
};

/// One outcome for each recipient, in order. Sent is only what 250 answered after the final dot.
std::vector<SmtpOutcome> send_mail(SmtpSession& session, const SmtpMail& mail);

/// "MAIL FROM:<…> SIZE=… BODY=8BITMIME …": SIZE counted by us, BODY, SMTPUTF8, RET and ENVID where
/// the server offers them. An error when the message can't be sent without one that it lacks.
Result<std::string> mail_command(const SmtpMail& mail, const SmtpExtensions& extensions);
/// "RCPT TO:<…> NOTIFY=… ORCPT=…"
Result<std::string> rcpt_command(const EnvelopeRecipient& recipient,
                                 const SmtpExtensions& extensions);

}  // namespace cordon
