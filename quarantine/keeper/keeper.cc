// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/keeper/keeper.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "conf/base/log.h"
#include "quarantine/journal/state_file.h"
#include "quarantine/seal/key_file.h"

namespace cordon {

namespace {

Result<std::unique_ptr<Journal>> open_journal(const std::string& path) {
    auto journal = Journal::open(path);
    // What a newer version wrote is whole: put aside, it would be lost without a word.
    if (journal || is_newer_store(journal.error())) return journal;
    const std::string aside = fmt::format("{}.damaged-{}", path, unix_time());
    log::error("journal-damaged", {{"error", journal.error().what},
                                   {"aside", aside},
                                   {"action", "making it again from the vault"}});
    for (const char* const suffix : {"", "-wal", "-shm"}) {
        const std::string from = path + suffix;
        if (std::rename(from.c_str(), (aside + suffix).c_str()) != 0 && errno != ENOENT)
            return fail_errno(from);
    }
    return Journal::open(path);
}

void take_up(Keeper& keeper, const std::string& id) {
    const auto file = keeper.vault->open_file(id);
    const auto held = file ? read_held(file->get(), id) : tl::unexpected(file.error());
    if (!held) {
        log::error("vault-damaged", {{"id", id}, {"error", held.error().what}});
        return;
    }
    if (auto done = add_with_states(keeper, held->message, "found in the vault", "cordon"); !done)
        log::error("journal-failed", {{"id", id}, {"error", done.error().what}});
}

Result<void> reconcile(Keeper& keeper) {
    const auto stored = keeper.vault->ids();
    if (!stored) return tl::unexpected(stored.error());
    const auto known = keeper.journal->ids();
    if (!known) return tl::unexpected(known.error());
    std::vector<std::string> missing;
    std::set_difference(stored->begin(), stored->end(), known->begin(), known->end(),
                        std::back_inserter(missing));
    for (const auto& id : missing) take_up(keeper, id);
    std::vector<std::string> lost;
    std::set_difference(known->begin(), known->end(), stored->begin(), stored->end(),
                        std::back_inserter(lost));
    for (const auto& id : lost) {
        // What became of it waits in the vault for the copy that the mailbox may still have.
        save_states(keeper, id);
        if (auto done = keeper.journal->set_lost(id); !done) return done;
    }
    if (!missing.empty() || !lost.empty())
        log::warn("journal-reconciled", {{"found", missing.size()}, {"lost", lost.size()}});
    return {};
}

}  // namespace

std::string seal_key_file(const Configuration& c) {
    return c.quarantine.seal_key_file.empty() ? c.cordon.state_directory + "/seal.key"
                                              : c.quarantine.seal_key_file;
}

namespace {

void load_keys(Keeper& keeper, bool was_journal_there) {
    const auto stored = keeper.vault->ids();
    // Without a vault, but with a journal, mail was held here: what lies in the mailbox is sealed.
    const bool is_new = stored && stored->empty() && !was_journal_there;
    auto keys = load_seal_keys(seal_key_file(*keeper.configuration.get()), is_new, unix_time());
    if (!keys) {
        log::error("seal-key-missing",
                   {{"error", keys.error().what},
                    {"action", "mail is held without a seal, and nothing is expired"}});
        keeper.expires_nothing = true;
        return;
    }
    keeper.keys.with([&](SealKeys& current) { current.swap(*keys); });
}

}  // namespace

Result<std::unique_ptr<Keeper>> open_keeper(ConfigurationPtr configuration) {
    auto out = std::make_unique<Keeper>();
    out->configuration.set(configuration);
    const auto& c = *configuration;
    auto vault = Vault::open(c.vault_directory(), c.quarantine.vault_max.value);
    if (!vault) return tl::unexpected(vault.error());
    out->vault = std::move(*vault);
    const std::string path = c.cordon.state_directory + "/journal.db";
    // Before there is a journal: a start that ends between the two must not look like a lost key.
    load_keys(*out, ::access(path.c_str(), F_OK) == 0);
    auto journal = open_journal(path);
    if (!journal) return tl::unexpected(journal.error());
    out->journal = std::move(*journal);
    if (auto done = reconcile(*out); !done) return tl::unexpected(done.error());
    return out;
}

std::string why_nothing_expires(const Keeper& keeper) {
    if (keeper.expires_nothing) return "a seal key is missing or unknown";
    if (keeper.is_clock_doubtful)
        return "the clock jumped by more than a day, or Cordon was off for longer";
    return {};
}

Result<void> add_with_states(Keeper& keeper, const HeldMessage& message, std::string_view what,
                             std::string_view who) {
    auto done = keeper.journal->add(message, what, who);
    const auto states = keeper.vault->read_state(message.id);
    if (!done || states.empty()) return done;
    return keeper.journal->restore_states(decode_states(message.id, states));
}

void save_states(Keeper& keeper, const std::string& id) {
    const auto item = keeper.journal->find(id);
    if (!item) return;
    const auto written = keeper.vault->write_state(id, encode_states(*item));
    if (!written) log::error("state-not-saved", {{"id", id}, {"error", written.error().what}});
}

Result<KeeperReply> KeeperHandlers::handle(Keeper& keeper, Frame& frame) const {
    const auto found = handlers_.find(frame.kind);
    if (found == handlers_.end()) return fail("keeper: malformed request");
    return found->second(keeper, frame);
}

}  // namespace cordon
