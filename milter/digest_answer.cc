// SPDX-License-Identifier: GPL-2.0-only
#include "milter/digest_answer.h"

#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "quarantine/digest/digest_token.h"
#include "scoring/judge/evidence_checks.h"

namespace cordon {

namespace {

/// Fields by which programs say that nobody wrote this.
bool tells_of_a_program(std::string_view name, std::string_view value) {
    const auto word = trim(value);
    if (iequals(name, "Auto-Submitted")) return !iequals(word, "no");
    if (iequals(name, "Precedence"))
        return iequals(word, "bulk") || iequals(word, "junk") || iequals(word, "list") ||
               iequals(word, "auto_reply");
    return iequals(name, "X-Autoreply") || iequals(name, "X-Autorespond") ||
           iequals(name, "List-Id");
}

}  // namespace

void DigestAnswer::see(std::string_view name, std::string_view value) {
    if (iequals(name, "Subject") && token_.empty())
        if (const auto token = find_digest_token(value)) token_ = to_text(*token);
    is_automatic_ = is_automatic_ || tells_of_a_program(name, value);
}

bool DigestAnswer::is_for(const std::string& address,
                          const std::vector<EnvelopeRecipient>& recipients) const {
    return !token_.empty() && !address.empty() && recipients.size() == 1 &&
           is_same_mailbox(without_brackets(recipients.front().path), address);
}

bool DigestAnswer::is_automatic(std::string_view mail_from) const {
    return is_automatic_ || without_brackets(mail_from).empty();
}

std::string proof_of_sender(const Evidence& evidence, std::string_view mail_from) {
    const auto& envelope = evidence.envelope;
    if (!envelope.auth_user.empty()) return "login " + envelope.auth_user;
    if (evidence.direction == Direction::outbound) return "own network";
    const bool is_author = evidence.content && is_same_mailbox(evidence.content->from_address,
                                                               without_brackets(mail_from));
    return is_author && is_author_proven(evidence) ? "authenticated author" : "";
}

}  // namespace cordon
