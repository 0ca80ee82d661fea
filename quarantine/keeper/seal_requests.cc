// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "conf/base/digest.h"
#include "conf/base/log.h"
#include "quarantine/keeper/keeper.h"
#include "quarantine/keeper/seal_messages.h"
#include "quarantine/seal/key_file.h"

namespace cordon {

namespace {

Result<UnsealedMessage> unseal(Keeper& keeper, const std::string& seal) {
    auto out = keeper.keys.with([&](const SealKeys& keys) { return open_seal(keys, seal); });
    if (!out && is_unknown_key(out.error())) {
        log::error("seal-key-unknown",
                   {{"key", seal_key_id(seal)},
                    {"remedy", "put the key file of the server that held it back, or on this one"},
                    {"action", "nothing is expired"}});
        keeper.expires_nothing = true;
    }
    return out;
}

Result<OpenSealAnswer> open(Keeper& keeper, const OpenSealRequest& request) {
    const auto unsealed = unseal(keeper, request.seal);
    if (!unsealed) return tl::unexpected(unsealed.error());
    return OpenSealAnswer{encode_head(unsealed->message), keeper.vault->has(unsealed->message.id),
                          unsealed->is_complete};
}

/// The original is the end of the mail: an MTA puts its own fields before it.
std::string_view original_in(std::string_view mail, const HeldMessage& sealed, bool& is_exact) {
    const auto tail = mail.size() < sealed.size ? mail : mail.substr(mail.size() - sealed.size);
    is_exact = tail.size() == sealed.size && sha256_hex(tail) == sealed.sha256;
    return is_exact ? tail : mail;
}

Result<RestoreAnswer> restore(Keeper& keeper, const RestoreRequest& request, int mail) {
    auto unsealed = unseal(keeper, request.seal);
    if (!unsealed) return tl::unexpected(unsealed.error());
    auto& message = unsealed->message;
    if (keeper.vault->has(message.id)) return RestoreAnswer{message.id, true};
    if (!unsealed->is_complete)
        return fail(fmt::format("{}: its recipients were only in the vault", message.id));
    const auto bytes = Mapping::of(mail);
    if (!bytes) return wrap("reading the copy", bytes.error());
    RestoreAnswer out{message.id, false};
    const auto original = original_in(bytes->bytes(), message, out.is_exact);
    message.report = fmt::format("Restored from the seal of the copy in the mailbox{}.\n",
                                 out.is_exact ? "" : ", whose bytes the servers have changed");
    if (auto stored = keeper.vault->store(message, original); !stored)
        return tl::unexpected(stored.error());
    const char* const what = out.is_exact ? "restored" : "restored, not exact";
    if (auto added = add_with_states(keeper, message, what, request.who); !added)
        return tl::unexpected(added.error());
    log::warn("restored", {{"id", message.id}, {"exact", out.is_exact ? "yes" : "no"}});
    return out;
}

Result<RotateKeyAnswer> rotate(Keeper& keeper, const std::string& who) {
    const auto configuration = keeper.configuration.get();
    const auto& c = *configuration;
    const auto keep =
        std::chrono::duration_cast<std::chrono::seconds>(c.quarantine.retention.value);
    return keeper.keys.with([&](SealKeys& keys) -> Result<RotateKeyAnswer> {
        auto rotated = rotate_seal_keys(seal_key_file(c), keys, unix_time(), keep.count());
        if (!rotated) return tl::unexpected(rotated.error());
        keys.swap(*rotated);
        log::info("seal-key-made", {{"key", keys.front().id}, {"who", who}});
        return RotateKeyAnswer{keys.front().id};
    });
}

Result<SealOfAnswer> seal_of(Keeper& keeper, const std::string& id) {
    const auto file = keeper.vault->open_file(id);
    if (!file) return tl::unexpected(file.error());
    auto opened = read_held(file->get(), id);
    if (!opened) return tl::unexpected(opened.error());
    SealOfAnswer out;
    keeper.keys.with([&](const SealKeys& keys) {
        if (!keys.empty()) out.seal = make_seal(keys.front(), std::move(opened->message));
    });
    return out;
}

}  // namespace

void add_seal_handlers(KeeperHandlers& handlers) {
    handlers.add<OpenSealRequest>([](Keeper& keeper, OpenSealRequest& request, const UniqueFd&,
                                     UniqueFd&) { return open(keeper, request); });
    handlers.add<RestoreRequest>([](Keeper& keeper, RestoreRequest& request, const UniqueFd& fd,
                                    UniqueFd&) { return restore(keeper, request, fd.get()); });
    handlers.add<RotateKeyRequest>([](Keeper& keeper, RotateKeyRequest& request, const UniqueFd&,
                                      UniqueFd&) { return rotate(keeper, request.who); });
    handlers.add<SealOfRequest>([](Keeper& keeper, SealOfRequest& request, const UniqueFd&,
                                   UniqueFd&) { return seal_of(keeper, request.id); });
}

}  // namespace cordon
