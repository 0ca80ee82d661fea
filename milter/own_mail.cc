// SPDX-License-Identifier: GPL-2.0-only
#include "milter/own_mail.h"

#include <algorithm>

#include "conf/base/log.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "quarantine/keeper/client.h"
#include "quarantine/release/release_header.h"
#include "quarantine/seal/seal.h"

namespace cordon {

namespace {
constexpr Milliseconds kKeeperTime(10'000);
}

void OwnMail::see(std::string_view name, std::string_view value) {
    if (nonce_.empty() && iequals(name, kReleaseHeader)) nonce_ = release_nonce(value).value_or("");
    if (seal_.empty() && iequals(name, kSealHeader) && is_seal_like(value))
        seal_ = unfolded_seal(value);
}

Result<OwnMail::Identity> OwnMail::released(const std::string& keeper_socket,
                                            const Envelope& envelope) const {
    TakeNonceRequest request{nonce_, envelope.mail_from, {}};
    for (const auto& recipient : envelope.recipients) request.recipients.push_back(recipient.path);
    auto taken = KeeperClient(keeper_socket, kKeeperTime).take_nonce(request);
    if (taken)
        return Identity{Identity::Kind::released, std::move(taken->purpose), std::move(taken->id)};
    if (is_no_answer(taken.error())) return tl::unexpected(taken.error());
    log::warn("release-forged", {{"from", envelope.mail_from}, {"error", taken.error().what}});
    // A release whose nonce went to an attempt before or after it: were it judged like mail of
    // others, it would be held again and yet answered 250. Its sender has a fresh nonce next time.
    if (envelope.is_from_here) return tl::unexpected(taken.error());
    return Identity{};
}

Result<OwnMail::Identity> OwnMail::sealed(const std::string& keeper_socket) const {
    auto opened = KeeperClient(keeper_socket, kKeeperTime).open_seal(seal_);
    if (opened) return Identity{Identity::Kind::sealed, "seal", opened->message.id};
    if (is_no_answer(opened.error())) return tl::unexpected(opened.error());
    log::warn("seal-forged", {{"error", opened.error().what}});
    return Identity{};
}

Result<OwnMail::Identity> OwnMail::identify(const std::string& keeper_socket,
                                            const std::string& mailbox,
                                            const Envelope& envelope) const {
    if (!nonce_.empty()) return released(keeper_socket, envelope);
    const bool is_for_mailbox =
        !mailbox.empty() && !envelope.recipients.empty() &&
        std::all_of(envelope.recipients.begin(), envelope.recipients.end(), [&](const auto& r) {
            return is_same_mailbox(without_brackets(r.path), mailbox);
        });
    if (!seal_.empty() && is_for_mailbox) return sealed(keeper_socket);
    return Identity{};
}

}  // namespace cordon
