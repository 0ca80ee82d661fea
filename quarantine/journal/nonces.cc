// SPDX-License-Identifier: GPL-2.0-only
// Nonces: 256 random bits that let one message of ours pass our own filter once. Only their hash is
// kept, so that a stolen journal releases nothing; a nonce of a release is bound to its envelope.
#include <fmt/format.h>

#include <algorithm>

#include "conf/base/digest.h"
#include "conf/base/mail_address.h"
#include "quarantine/journal/journal.h"

namespace cordon {

namespace {
constexpr std::size_t kNonceBytes = 32;
constexpr std::int64_t kNonceSeconds = 7200;

bool is_same(std::string_view a, std::string_view b) {
    return is_same_mailbox(without_brackets(a), without_brackets(b));
}
}  // namespace

Result<std::string> Journal::nonce_locked(std::string_view purpose, std::string_view id,
                                          std::uint64_t order, std::int64_t now) {
    // What an attempt before this one got is void: a fresh attempt has a fresh nonce.
    auto done = database_.run_with(
        "DELETE FROM nonces WHERE expires < ?1 OR (release <> 0 AND release = ?2)", now, order);
    if (!done) return tl::unexpected(done.error());
    std::string nonce = random_hex(kNonceBytes);
    done = database_.run_with(
        "INSERT INTO nonces(hash, purpose, id, release, expires) VALUES(?,?,?,?,?)",
        sha256_hex(nonce), purpose, id, order, now + kNonceSeconds);
    if (!done) return tl::unexpected(done.error());
    return nonce;
}

Result<std::string> Journal::issue_nonce(std::string_view purpose, std::int64_t now) {
    return change<std::string>([&] { return nonce_locked(purpose, "", 0, now); });
}

Result<Journal::Taken> Journal::take_nonce(std::string_view nonce, std::string_view mail_from,
                                           const std::vector<std::string>& recipients,
                                           std::int64_t now) {
    struct Found {
        Taken taken;
        bool is_good = false;
    };
    const auto found = change<Found>([&]() -> Result<Found> {
        auto row = database_.prepare(
            "DELETE FROM nonces WHERE hash = ? RETURNING purpose, id, release, expires");
        if (!row) return tl::unexpected(row.error());
        const auto there = row->bind(sha256_hex(nonce)).step();
        if (!there) return tl::unexpected(there.error());
        Found out;
        if (!*there) return out;
        out.taken = {row->text(0), row->text(1)};
        const auto order = row->integer(2);
        out.is_good = row->integer(3) >= now;
        if (auto done = row->run(); !done) return tl::unexpected(done.error());
        if (out.taken.id.empty() || !out.is_good) return out;
        const auto item = find_locked(out.taken.id);
        if (!item) return tl::unexpected(item.error());
        auto paths = database_.prepare("SELECT path FROM recipients WHERE id = ? AND release = ?");
        if (!paths) return tl::unexpected(paths.error());
        std::vector<std::string> ours;
        for (paths->bind(out.taken.id, order);;) {
            const auto next = paths->step();
            if (!next) return tl::unexpected(next.error());
            if (!*next) break;
            ours.push_back(paths->text(0));
        }
        out.is_good = is_same(item->status.mail_from, mail_from) && !recipients.empty() &&
                      std::all_of(recipients.begin(), recipients.end(), [&](const auto& r) {
                          return std::any_of(ours.begin(), ours.end(),
                                             [&](const auto& own) { return is_same(own, r); });
                      });
        return out;
    });
    if (!found) return tl::unexpected(found.error());
    // Used up even when the envelope is wrong: whoever shows it there knows it.
    if (!found->is_good)
        return fail("not a release of ours: unknown, used, too old or not its envelope");
    return found->taken;
}

}  // namespace cordon
