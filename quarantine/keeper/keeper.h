// SPDX-License-Identifier: GPL-2.0-only
// What the keeper holds, and the table of what it answers. A family of requests is a file
// NAME_requests.cc with one function that adds its handlers; cordon_keeper.cc calls it.
#pragma once

#include <sys/eventfd.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "conf/base/guarded.h"
#include "conf/configuration.h"
#include "quarantine/journal/journal.h"
#include "quarantine/keeper/protocol.h"
#include "quarantine/seal/seal.h"
#include "quarantine/vault/vault.h"
#include "scoring/store/history_service.h"
#include "scoring/store/shared_learning.h"
#include "scoring/store/shared_memory.h"

namespace cordon {

/// The configuration in force, which a reload replaces at any moment: who works with it takes it
/// once, and ends with the one that he began with.
class CurrentConfiguration {
 public:
    ConfigurationPtr get() const {
        return current_.with([](const ConfigurationPtr& current) { return current; });
    }
    void set(ConfigurationPtr next) {
        current_.with([&](ConfigurationPtr& current) { current.swap(next); });
    }

 private:
    mutable Guarded<ConfigurationPtr> current_;
};

struct Keeper {
    CurrentConfiguration configuration;
    std::unique_ptr<Vault> vault;
    std::unique_ptr<Journal> journal;
    Guarded<SealKeys> keys;  // empty: the file could not be read, nothing is sealed
    std::mutex allowing;     // while the list of allowed senders is read and written
    /// Set when a key is missing or unknown: then nothing is expired, since who restores a server
    /// needs time to notice.
    std::atomic<bool> expires_nothing = false;
    std::atomic<bool> is_clock_doubtful = false;   // since a sweep found that it jumped
    std::unique_ptr<HistoryService> history;       // none: off, or it could not be opened
    std::unique_ptr<LearningService> learning;     // none: it could not be opened, the log says why
    std::unique_ptr<SharedLearning> sharing;       // only where hosts share what they learn
    std::unique_ptr<SenderMemory> memory;          // none: it could not be opened
    std::unique_ptr<SharedMemory> memory_sharing;  // only where hosts share it
    std::atomic<std::int64_t> memory_complaint = 0;  // no line about it before
    /// Learns the exact original that a person released (ham) or confirmed (spam). Unset: nobody
    /// can.
    std::function<Result<void>(const OpenedMessage& message, bool is_spam)> learn;
    UniqueFd lesson_came{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};  // see teaching.h
};

/// Opens vault and journal. A journal that can't be read is put aside; what it lacks is taken from
/// the vault, and what the vault has no more is unknown until a copy in the mailbox brings it back.
Result<std::unique_ptr<Keeper>> open_keeper(ConfigurationPtr configuration);

std::string seal_key_file(const Configuration& configuration);

/// In words; empty: what is old expires.
std::string why_nothing_expires(const Keeper& keeper);

/// Into the journal, with what the vault says became of it.
Result<void> add_with_states(Keeper& keeper, const HeldMessage& message, std::string_view what,
                             std::string_view who);
/// Writes the item's states beside its message; a failure is logged, the journal has them.
void save_states(Keeper& keeper, const std::string& id);

/// Puts the author of a message on the list of those whom reviewers allowed; in words, what came of
/// it. Only an author who was authenticated when it came.
std::string allow_sender(Keeper& keeper, const ReleaseOrder& order, std::int64_t now);
/// Takes those from the list whose time is over.
void expire_allowed(Keeper& keeper, std::int64_t now);

struct KeeperReply {
    std::string body;
    UniqueFd fd;
};

/// Handlers by request; filled once, before threads read it.
class KeeperHandlers {
 public:
    /// `handle(Keeper&, Request&, UniqueFd fd, UniqueFd& answer_fd)` gives Result<Answer>.
    template <typename Request, typename Handle>
    void add(Handle handle) {
        handlers_[static_cast<std::uint8_t>(Request::kKind)] =
            [handle](Keeper& keeper, Frame& frame) -> Result<KeeperReply> {
            Request request;
            Decoder in(frame.body);
            if (!in(request).is_complete()) return fail("keeper: malformed request");
            KeeperReply out;
            auto answer = handle(keeper, request, std::move(frame.fd), out.fd);
            if (!answer) return tl::unexpected(answer.error());
            out.body = Encoder()(*answer).take();
            return out;
        };
    }
    Result<KeeperReply> handle(Keeper& keeper, Frame& frame) const;

 private:
    using Handler = std::function<Result<KeeperReply>(Keeper&, Frame&)>;
    std::map<std::uint8_t, Handler> handlers_;
};

void add_hold_handlers(KeeperHandlers& handlers);
void add_item_handlers(KeeperHandlers& handlers);
void add_seal_handlers(KeeperHandlers& handlers);
void add_order_handlers(KeeperHandlers& handlers);
void add_nonce_handlers(KeeperHandlers& handlers);
void add_learn_handlers(KeeperHandlers& handlers);
void add_history_handlers(KeeperHandlers& handlers);
void add_digest_handlers(KeeperHandlers& handlers);
void add_memory_handlers(KeeperHandlers& handlers);

/// Opens what was learned and sets `learn`. `password`: of the shared store.
void start_learning(Keeper& keeper, const std::string& password);
/// Opens the history of verdicts, where one is kept.
void start_history(Keeper& keeper);

/// Opens the memory of senders. `password`: of the shared store.
void open_memory(Keeper& keeper, const std::string& password);
/// What a person decided about a held message of a proven author; of nobody: nothing.
void remember_decision(Keeper& keeper, const std::string& author, bool is_spam);

}  // namespace cordon
