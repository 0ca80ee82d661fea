// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "conf/allowed_senders.h"
#include "conf/base/clock.h"
#include "conf/base/log.h"
#include "conf/base/mail_address.h"
#include "quarantine/keeper/keeper.h"

namespace cordon {

namespace {

constexpr std::size_t kMostSenders = 20'000;

std::string file_of(const Keeper& keeper) {
    return allowed_senders_file(keeper.configuration.get()->cordon.state_directory);
}

/// The author who may be allowed. Whoever writes a foreign address into From must not get a way in,
/// nor must who sends viruses, whoever he is.
Result<std::string> author_of(const Keeper& keeper, const std::string& id) {
    const auto file = keeper.vault->open_file(id);
    const auto held = file ? read_held(file->get(), id) : tl::unexpected(file.error());
    if (!held) return tl::unexpected(held.error());
    if (held->message.author.empty()) return fail("the author was not authenticated");
    if (!held->message.virus.empty()) return fail("the message holds a virus");
    return held->message.author;
}

Result<void> add(Keeper& keeper, const AllowedSender& sender, std::int64_t now) {
    const std::lock_guard lock(keeper.allowing);
    auto senders = read_allowed_senders(file_of(keeper), now);
    if (!senders) return tl::unexpected(senders.error());
    const auto key = mailbox_key(sender.address);
    std::erase_if(*senders, [&](const auto& each) { return mailbox_key(each.address) == key; });
    if (senders->size() >= kMostSenders) return fail("the list of allowed senders is full");
    senders->push_back(sender);
    return write_allowed_senders(file_of(keeper), *senders);
}

}  // namespace

std::string allow_sender(Keeper& keeper, const ReleaseOrder& order, std::int64_t now) {
    const auto author = author_of(keeper, order.id);
    const auto until = now + std::chrono::duration_cast<std::chrono::seconds>(
                                 keeper.configuration.get()->quarantine.allow_time.value)
                                 .count();
    auto done = author ? add(keeper, {*author, until, order.id, order.who}, now)
                       : tl::unexpected(author.error());
    if (!done) {
        log::warn("sender-not-allowed",
                  {{"id", order.id}, {"who", order.who}, {"reason", done.error().what}});
        return "sender not allowed: " + done.error().what;
    }
    const auto day = utc_timestamp(until).substr(0, 10);
    log::info("sender-allowed",
              {{"id", order.id}, {"who", order.who}, {"sender", *author}, {"until", day}});
    return fmt::format("sender {} allowed until {}", *author, day);
}

void expire_allowed(Keeper& keeper, std::int64_t now) {
    const std::lock_guard lock(keeper.allowing);
    const auto all = read_allowed_senders(file_of(keeper), 0);
    const auto current = read_allowed_senders(file_of(keeper), now);
    if (!all || !current) {
        log::error("allowed-senders-unreadable",
                   {{"error", (all ? current.error() : all.error()).what}});
        return;
    }
    if (all->size() == current->size()) return;
    if (auto done = write_allowed_senders(file_of(keeper), *current); !done)
        log::error("allowed-senders-not-written", {{"error", done.error().what}});
    else
        log::info("allowed-senders-expired", {{"senders", all->size() - current->size()}});
}

}  // namespace cordon
