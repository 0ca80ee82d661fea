// SPDX-License-Identifier: GPL-2.0-only
// Which digest is due. A round begins each day at digest-time and tells each address of what came
// since the round before; the journal remembers whom, so that a restart tells nobody twice.
#include "quarantine/keeper/digest_jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <map>

#include "conf/base/log.h"
#include "conf/base/mail_address.h"
#include "quarantine/digest/digest_recipient.h"
#include "quarantine/digest/digest_token.h"

namespace cordon {

namespace {

constexpr std::int64_t kHour = 3600;
// Under a day, so that clocks and summer time shift no digest to the next day.
constexpr std::int64_t kBetweenDigests = 20 * kHour;
constexpr std::int64_t kRetrySeconds = 600;
constexpr std::int64_t kOldest = 31 * 24 * kHour;
constexpr std::size_t kMostEntries = 100;
constexpr const char* kRound = "digest-round";

using Paths = std::map<std::string, std::vector<std::string>>;  // by address

std::int64_t retention_of(const Keeper& keeper) {
    return std::chrono::duration_cast<std::chrono::seconds>(
               keeper.configuration.get()->quarantine.retention.value)
        .count();
}

DigestEntry entry_of(const Keeper& keeper, const SealKeys& keys, const HeldFor& held) {
    const std::string author =
        held.from.empty() ? std::string(without_brackets(held.mail_from)) : held.from;
    DigestEntry out{held.id,     author,     held.subject, held.score,
                    held.reason, held.virus, "",           held.received_at};
    if (!held.virus.empty() || keys.empty()) return out;
    const auto kept = retention_of(keeper);
    const auto expires = held.received_at + (kept > 0 ? kept : kOldest);
    out.token = make_digest_token(
        keys.front(), {DigestAction::release, held.id, held.number, expires}, held.path);
    return out;
}

Result<Digest> digest_for(Keeper& keeper, const std::string& address,
                          const std::vector<std::string>& paths, std::int64_t after,
                          std::int64_t until) {
    std::vector<HeldFor> held;
    for (const auto& path : paths) {
        auto some = keeper.journal->held_for(path, after, until);
        if (!some) return tl::unexpected(some.error());
        for (auto& one : *some) {
            // Under two of his addresses it is still one message.
            const bool is_known = std::any_of(held.begin(), held.end(),
                                              [&](const auto& h) { return h.id == one.id; });
            if (!is_known) held.push_back(std::move(one));
        }
    }
    std::sort(held.begin(), held.end(), [](const auto& a, const auto& b) {
        return std::tie(a.received_at, a.id) < std::tie(b.received_at, b.id);
    });
    Digest out;
    out.address = address;
    out.language =
        keeper.configuration.get()->policy.for_recipient(without_brackets(paths.front())).language;
    if (held.size() > kMostEntries) {
        out.more = static_cast<std::uint32_t>(held.size() - kMostEntries);
        held.erase(held.begin(), held.end() - kMostEntries);  // the newest are missed most
    }
    const auto kept = retention_of(keeper);
    if (!held.empty() && kept > 0) out.kept_until = held.front().received_at + kept;
    keeper.keys.with([&](const SealKeys& keys) {
        for (const auto& one : held) out.entries.push_back(entry_of(keeper, keys, one));
    });
    return out;
}

/// The addresses that want a digest, with the recipients for whom something is held.
Result<Paths> addresses(Keeper& keeper, std::int64_t after, std::int64_t until) {
    const auto paths = keeper.journal->held_paths(after, until);
    if (!paths) return tl::unexpected(paths.error());
    Paths out;
    for (const auto& path : *paths)
        if (auto address = digest_address(*keeper.configuration.get(), path); !address.empty())
            out[std::move(address)].push_back(path);
    return out;
}

/// Nothing: there is nothing new for this address.
Result<std::optional<TakeDigestAnswer>> claim(Keeper& keeper, const std::string& address,
                                              const std::vector<std::string>& paths,
                                              const DigestState& state, std::int64_t until,
                                              std::int64_t now) {
    const auto after = std::max(state.listed_until, until - kOldest);
    auto digest = digest_for(keeper, address, paths, after, until);
    if (!digest) return tl::unexpected(digest.error());
    if (digest->entries.empty()) return std::optional<TakeDigestAnswer>();
    auto nonce = keeper.journal->issue_nonce("digest", now);
    if (!nonce) return tl::unexpected(nonce.error());
    if (auto done = keeper.journal->set_digest_state(address, {now, state.listed_until, 0}); !done)
        return tl::unexpected(done.error());
    return std::optional(TakeDigestAnswer{true, std::move(*digest), until, std::move(*nonce)});
}

Result<TakeDigestAnswer> take_for(Keeper& keeper, const std::string& address, std::int64_t now) {
    const auto all = addresses(keeper, now - kOldest, now);
    if (!all) return tl::unexpected(all.error());
    const auto found = all->find(mailbox_key(address));
    if (found == all->end())
        return fail(fmt::format("nothing is held for {}, or its policy wants no digest", address));
    const auto state = keeper.journal->digest_state(found->first);
    if (!state) return tl::unexpected(state.error());
    if (now - state->sent_at < kBetweenDigests)
        return fail(fmt::format("{} had a digest today", address));
    auto taken = claim(keeper, found->first, found->second, *state, now, now);
    if (!taken) return tl::unexpected(taken.error());
    if (!*taken) return fail(fmt::format("nothing new is held for {}", address));
    return std::move(**taken);
}

}  // namespace

std::int64_t last_time_of_day(const TimeOfDay& time, std::int64_t now) {
    for (int days_ago = 0; days_ago < 3; ++days_ago) {
        const std::time_t wanted = now - days_ago * 24 * kHour;
        std::tm local{};
        ::localtime_r(&wanted, &local);
        local.tm_hour = static_cast<int>(time.minutes / 60);
        local.tm_min = static_cast<int>(time.minutes % 60);
        local.tm_sec = 0;
        local.tm_isdst = -1;
        const std::int64_t moment = ::mktime(&local);
        if (moment <= now) return moment;
    }
    return now;
}

Result<TakeDigestAnswer> take_digest(Keeper& keeper, const TakeDigestRequest& request,
                                     std::int64_t now) {
    if (!request.address.empty()) return take_for(keeper, request.address, now);
    const auto until = last_time_of_day(keeper.configuration.get()->quarantine.digest_time, now);
    const auto round = std::to_string(until);
    const auto done_round = keeper.journal->value(kRound);
    if (!done_round) return tl::unexpected(done_round.error());
    if (*done_round == round) return TakeDigestAnswer{};
    const auto all = addresses(keeper, until - kOldest, until);
    if (!all) return tl::unexpected(all.error());
    bool is_complete = true;
    for (const auto& [address, paths] : *all) {
        const auto state = keeper.journal->digest_state(address);
        if (!state) return tl::unexpected(state.error());
        if (now - state->sent_at < kBetweenDigests) continue;
        is_complete = is_complete && state->not_before <= now;
        if (state->not_before > now) continue;
        auto taken = claim(keeper, address, paths, *state, until, now);
        if (!taken) return tl::unexpected(taken.error());
        if (*taken) return std::move(**taken);
    }
    if (is_complete)
        if (auto done = keeper.journal->set_value(kRound, round); !done)
            return tl::unexpected(done.error());
    return TakeDigestAnswer{};
}

Result<void> record_digest(Keeper& keeper, const RecordDigestRequest& request, std::int64_t now) {
    auto state = keeper.journal->digest_state(request.address);
    if (!state) return tl::unexpected(state.error());
    if (request.outcome == DigestOutcome::sent)
        return keeper.journal->set_digest_state(request.address, {now, request.until, 0});
    return keeper.journal->set_digest_state(request.address,
                                            {0, state->listed_until, now + kRetrySeconds});
}

Result<AnswerDigestAnswer> answer_digest(Keeper& keeper, const AnswerDigestRequest& request,
                                         std::int64_t now) {
    const auto token = find_digest_token(request.token);
    if (!token) return fail("it shows no token");
    const auto& claim = token->claim;
    const auto item = keeper.journal->find(claim.id);
    // Like a wrong token: who guesses learns nothing.
    if (!item || claim.number >= item->recipients.size()) return fail("the token is not good");
    const auto& recipient = item->recipients[claim.number];
    const bool is_good = !recipient.is_added && keeper.keys.with([&](const SealKeys& keys) {
        return is_genuine(keys, *token, recipient.path);
    });
    if (!is_good) return fail("the token is not good");
    if (!is_same_person(*keeper.configuration.get(), request.sender, recipient.path))
        return fail("the token is for another recipient");
    if (now > claim.expires) return fail("the token has expired");
    if (!item->status.virus.empty()) return fail("only an administrator can release a virus");
    if (item->status.state == ItemState::spam) return fail("a reviewer found it to be spam");
    ReleaseOrder order;
    order.id = claim.id;
    order.who = std::string(kUserPrefix) + mailbox_key(request.sender);
    order.recipients = {recipient.path};
    const auto change = keeper.journal->release(order, now);
    if (!change) return tl::unexpected(change.error());
    if (change->has_changed)
        log::info("release-ordered",
                  {{"id", order.id}, {"who", order.who}, {"proof", request.proof}});
    return AnswerDigestAnswer{claim.id, change->has_changed};
}

void add_digest_handlers(KeeperHandlers& handlers) {
    handlers.add<TakeDigestRequest>(
        [](Keeper& keeper, TakeDigestRequest& request, const UniqueFd&, UniqueFd&) {
            return take_digest(keeper, request, unix_time());
        });
    handlers.add<RecordDigestRequest>([](Keeper& keeper, RecordDigestRequest& request,
                                         const UniqueFd&, UniqueFd&) -> Result<Nothing> {
        auto done = record_digest(keeper, request, unix_time());
        if (!done) return tl::unexpected(done.error());
        return Nothing{};
    });
    handlers.add<AnswerDigestRequest>(
        [](Keeper& keeper, AnswerDigestRequest& request, const UniqueFd&, UniqueFd&) {
            return answer_digest(keeper, request, unix_time());
        });
}

}  // namespace cordon
