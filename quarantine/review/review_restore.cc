// SPDX-License-Identifier: GPL-2.0-only
// The day after the disaster: the mailbox shows held mail that the vault does not have. What
// carries a good seal of this host is put back; everything else is left alone, and nothing is
// deleted.
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>

#include "conf/base/log.h"
#include "conf/base/text.h"
#include "quarantine/item/review_item.h"
#include "quarantine/review/review_session.h"
#include "quarantine/seal/seal.h"

namespace cordon {

namespace {

/// Header fields that MTA and milter put on top of a native copy.
constexpr std::size_t kAddedBytes = std::size_t{256} * 1024;

Result<std::string> decoded_base64(std::string_view text) {
    std::string out(text.size() / 4 * 3 + 3, '\0');
    auto* const to = reinterpret_cast<unsigned char*>(out.data());
    const Owned<EVP_ENCODE_CTX, ::EVP_ENCODE_CTX_free> context(::EVP_ENCODE_CTX_new());
    ::EVP_DecodeInit(context.get());
    int size = 0;
    int rest = 0;
    const bool is_good = ::EVP_DecodeUpdate(context.get(), to, &size,
                                            reinterpret_cast<const unsigned char*>(text.data()),
                                            static_cast<int>(text.size())) >= 0 &&
                         ::EVP_DecodeFinal(context.get(), to + size, &rest) == 1;
    if (!is_good) return fail("the attachment was altered");
    out.resize(static_cast<std::size_t>(size + rest));
    return out;
}

}  // namespace

Result<void> ReviewSession::restore_unknown() {
    for (auto& [id, entry] : entries_) {
        if (entry.is_known || entry.is_foreign || entry.sightings.empty()) continue;
        auto done = restore(id, entry);
        if (done) continue;
        if (connection_->is_broken()) return done;
        entry.is_foreign = true;
        log::error("not-restored", {{"id", id}, {"error", done.error().what}});
        if (problem_.empty())
            problem_ = fmt::format("{} can't be restored: {}", id, done.error().what);
    }
    return {};
}

Result<void> ReviewSession::restore(const std::string& id, Entry& entry) {
    // Our own items hold the original as it was; native copies not always.
    const auto best =
        std::max_element(entry.sightings.begin(), entry.sightings.end(),
                         [](const auto& a, const auto& b) { return a.is_item < b.is_item; });
    if (auto done = select(folder_of(best->place, best->folder)); !done) return done;
    const auto field = mailbox_.section(best->uid, fmt::format("HEADER.FIELDS ({})", kSealHeader),
                                        std::size_t{64} * 1024);
    if (!field) return tl::unexpected(field.error());
    std::string seal = field_value(*field, kSealHeader);
    std::erase_if(seal, is_space);
    // Ordinary mail to this mailbox carries an id too.
    entry.is_foreign = seal.empty();
    if (entry.is_foreign) return {};
    const auto opened = keeper_.open_seal(seal);
    if (!opened) return tl::unexpected(opened.error());
    if (opened->message.id != id) return fail("its seal is that of another message");
    entry.is_foreign = opened->message.home != configuration_->cordon.authserv_id;
    if (entry.is_foreign || opened->is_in_vault) return {};
    const auto original = original_of(*best, opened->message.size);
    if (!original) return tl::unexpected(original.error());
    const auto memory = make_memfd("cordon-restore");
    if (!memory) return tl::unexpected(memory.error());
    if (auto written = write_all(memory->get(), *original); !written) return written;
    ::lseek(memory->get(), 0, SEEK_SET);
    const auto restored = keeper_.restore(seal, "imap", memory->get());
    if (!restored) return tl::unexpected(restored.error());
    log::warn("restored", {{"id", id}, {"exact", restored->is_exact ? "yes" : "no"}});
    return ask_keeper();
}

/// The bytes that the keeper shall find the original at the end of.
Result<std::string> ReviewSession::original_of(const Sighting& sighting, std::uint64_t size) {
    if (!sighting.is_item) return mailbox_.section(sighting.uid, "", size + kAddedBytes);
    auto part = mailbox_.section(sighting.uid, "2", size / 57 * 78 + kAddedBytes);
    if (!part || part->size() == size) return part;
    return decoded_base64(*part);
}

}  // namespace cordon
