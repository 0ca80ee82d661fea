// SPDX-License-Identifier: GPL-2.0-only
// Mail of Cordon's own that meets its filter again: a release or report, which shows a nonce of one
// use in X-Cordon-Release, and held mail on its way to the quarantine mailbox, which shows a seal.
// Who merely writes such a field is nobody: the keeper decides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"
#include "quarantine/vault/held_message.h"

namespace cordon {

class OwnMail {
 public:
    void see(std::string_view name, std::string_view value);

    struct Envelope {
        const std::string& mail_from;
        const std::vector<EnvelopeRecipient>& recipients;
        bool is_from_here;  // loopback, or a network of our own
    };
    struct Identity {
        enum class Kind : std::uint8_t {
            foreign,
            released,  // passes; fields of ours are removed
            sealed,    // passes untouched
        };
        Kind kind = Kind::foreign;
        std::string purpose;
        std::string id;
    };
    /// Asks the keeper only about what could be ours, and uses the nonce up. An error, so that the
    /// message comes again, when the keeper does not answer, and when a nonce from here is no good.
    Result<Identity> identify(const std::string& keeper_socket, const std::string& mailbox,
                              const Envelope& envelope) const;

 private:
    Result<Identity> released(const std::string& keeper_socket, const Envelope& envelope) const;
    Result<Identity> sealed(const std::string& keeper_socket) const;

    std::string nonce_;  // of the first field that could be ours
    std::string seal_;   // likewise
};

}  // namespace cordon
