// SPDX-License-Identifier: GPL-2.0-only
// What the memory of senders needs of a message, and the exchange with the keeper about it: asked
// before it is judged, within a few milliseconds or not at all; told afterwards, without waiting.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/configuration.h"
#include "scoring/judge/verdict.h"

namespace cordon {

/// The message ids in a field (RFC 5322 section 3.6.4), "<" to ">", as they stand there: at most
/// `most` of at most 250 bytes, the last ones.
std::vector<std::string> message_ids(std::string_view value, std::size_t most);

class MailMemory {
 public:
    /// A field of the header as the MTA hands it over.
    void see(std::string_view name, std::string_view value);

    /// Puts into the evidence what is remembered, or that it is unknown. Of mail that comes in, and
    /// whose sender has been checked.
    void recall(const std::string& keeper_socket, const Configuration& c, Evidence& evidence) const;
    /// After the verdict: whom own users wrote to, or how the sender behaved. False when the keeper
    /// did not listen.
    bool tell(const std::string& keeper_socket, const Configuration& c, const Evidence& evidence,
              const Verdict& verdict) const;

 private:
    std::vector<std::string> references() const;

    std::string message_id_;
    std::vector<std::string> answers_;     // In-Reply-To
    std::vector<std::string> references_;  // the thread, its newest last
    bool is_automatic_ = false;            // a vacation notice is no letter to somebody
};

/// Whether the verdict, without what was learned, is that of a sender who behaves well (false),
/// badly (true), or neither.
std::optional<bool> behaviour_of(const Verdict& verdict, const Policy& site);

/// Mail that a person sent who had logged in: to whom it goes is remembered.
bool is_letter(const Evidence& evidence, const Verdict& verdict, const Policy& site);

}  // namespace cordon
