// SPDX-License-Identifier: GPL-2.0-only
// The keeper as the other roles see it. Each call is one connection, answered or failed within its
// time; the keeper may be restarted between two calls. Safe from several threads.
//
// How the review agent uses it (programs: cordon-review for IMAP, quarantine/release for SMTP):
//
//   * Arrivals: a native copy carries X-Cordon-Id and, when everybody is held, X-Cordon-Seal.
//     open(id) gives state, recipients and the exact original; where the vault has it no more or
//     the copy comes from another host, open_seal(value) tells the envelope, and restore(value, fd)
//     with the copy's bytes as descriptor puts it back into the vault.
//   * Without a copy: list({.changed_after = last}) gives every item that changed since, in order
//     of change; keep the last `change` that was handled. It also tells what the command line or
//     retention did: put the review item where its state belongs (held, sending: Quarantine; sent:
//     Released, then mark_filed; spam: Quarantine/Spam; failed: Quarantine/Failed with `note`;
//     gone: delete it).
//   * A person moved it: order_release({.id, .who = "imap:NAME"}), order_confirm, order_remove. All
//     are idempotent: what is done, or under way, is answered with `order` 0 and its state.
//   * mark_filed(place) after the review item was stored or moved. A uid is only a hint.
//   * The release engine (quarantine/release/release_engine.h) takes orders and records outcomes.
#pragma once

#include <string>

#include "quarantine/keeper/hold_messages.h"
#include "quarantine/keeper/nonce_messages.h"
#include "quarantine/keeper/order_messages.h"
#include "quarantine/keeper/seal_messages.h"
#include "quarantine/vault/vault.h"

namespace cordon {

struct OpenedItem {
    ItemStatus status;
    std::vector<RecipientStatus> recipients;
    OpenedMessage held;  // `held.original` lives as long as this does
};

struct OpenedSeal {
    HeldMessage message;  // without its report
    bool is_in_vault = false;
    bool is_complete = false;  // false: too many recipients for a seal, only the vault knows them
};

class KeeperClient {
 public:
    explicit KeeperClient(std::string socket_path, Milliseconds time = Milliseconds(10'000))
        : socket_path_(std::move(socket_path)), time_(time) {}

    /// On disk when the answer is good: the seal, or nothing where the message may carry none.
    /// `original` is a sealed memfd or a read-only file, borrowed.
    Result<std::string> hold(const HeldMessage& message, bool is_everyone, int original) const;

    Result<OpenedItem> open(const std::string& id) const;
    /// Without its file, which may be damaged.
    Result<OpenAnswer> states_of(const std::string& id) const;
    Result<OpenedSeal> open_seal(const std::string& seal) const;
    Result<RestoreAnswer> restore(const std::string& seal, const std::string& who, int mail) const;
    /// For the review item; empty when the envelope is too long for one.
    Result<std::string> seal_of(const std::string& id) const;
    Result<std::string> rotate_key(const std::string& who) const;
    Result<ItemPage> list(const ItemQuery& query) const;
    Result<std::vector<ItemEvent>> events(const std::string& id, std::uint32_t limit = 200) const;

    Result<OrderAnswer> order_release(const ReleaseOrder& order) const;
    Result<OrderAnswer> order_confirm(const std::string& id, const std::string& who) const;
    Result<OrderAnswer> order_remove(const std::string& id, const std::string& who) const;
    Result<OrderAnswer> mark_filed(const FiledPlace& place) const;

    Result<void> resume() const;
    Result<TakeOrderAnswer> take_order() const;
    Result<OrderAnswer> record_result(const ReleaseResult& result) const;

    Result<std::string> issue_nonce(const std::string& purpose) const;
    Result<TakeNonceAnswer> take_nonce(const TakeNonceRequest& request) const;

 private:
    template <typename Request>
    Result<typename Request::Answer> ask(const Request& request, int fd = -1,
                                         UniqueFd* received = nullptr) const {
        return ask_keeper(socket_path_, request, fd, Deadline::in(time_), received);
    }

    std::string socket_path_;
    Milliseconds time_;
};

}  // namespace cordon
