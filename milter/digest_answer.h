// SPDX-License-Identifier: GPL-2.0-only
// An answer to a digest: mail to the address of answers alone, whose subject holds a token. It is
// consumed here; the keeper decides whether the token is good for its sender, and this file whether
// the sender is who he says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conf/configuration.h"
#include "quarantine/vault/held_message.h"
#include "scoring/judge/verdict.h"

namespace cordon {

class DigestAnswer {
 public:
    void see(std::string_view name, std::string_view value);

    /// Whether the message is one. Mail with further recipients is ordinary mail.
    bool is_for(const std::string& address, const std::vector<EnvelopeRecipient>& recipients) const;
    /// Written by a program: an out-of-office reply or a bounce (RFC 3834). It decides nothing.
    bool is_automatic(std::string_view mail_from) const;
    const std::string& token() const { return token_; }

 private:
    std::string token_;
    bool is_automatic_ = false;
};

/// How the envelope sender is proven, for the audit: a login, one of our own networks, or an
/// authenticated author of the same address. Empty: he is not.
std::string proof_of_sender(const Evidence& evidence, std::string_view mail_from);

}  // namespace cordon
