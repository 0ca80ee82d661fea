// SPDX-License-Identifier: GPL-2.0-only
// Looking: which message lies where, and what the keeper records about it.
#include "quarantine/review/review_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/log.h"
#include "conf/base/text.h"
#include "quarantine/item/review_item.h"

namespace cordon {

namespace {

constexpr std::uint32_t kPage = 500;
/// Bounds what a mailbox full of invented ids can take of our memory.
constexpr std::size_t kMaxEntries = 1'000'000;

const std::vector<ItemState> kAllStates = {ItemState::held,  ItemState::sending, ItemState::sent,
                                           ItemState::filed, ItemState::spam,    ItemState::failed,
                                           ItemState::gone};

}  // namespace

ReviewSession::ReviewSession(ConfigurationPtr configuration, const KeeperClient& keeper,
                             std::unique_ptr<ImapConnection> connection, ArrivalCount& arrivals)
    : configuration_(std::move(configuration)),
      keeper_(keeper),
      connection_(std::move(connection)),
      mailbox_(*connection_),
      arrivals_(arrivals) {}

Result<void> ReviewSession::begin() {
    auto folders = make_review_folders(mailbox_, configuration_->quarantine.folder);
    if (!folders) return tl::unexpected(folders.error());
    folders_ = std::move(*folders);
    states_.resize(folders_.size());
    return sweep();
}

Result<void> ReviewSession::sweep() {
    problem_.clear();
    // Mailbox first: what the keeper learns meanwhile comes with its next change.
    for (std::size_t i = 0; i < folders_.size(); ++i)
        if (auto done = refresh(i, true); !done) return done;
    if (auto done = ask_keeper(); !done) return done;
    if (auto done = restore_unknown(); !done) return done;
    for (const auto& [id, entry] : entries_)
        if (entry.is_known) todo_.insert(id);
    return act();
}

Result<void> ReviewSession::look(const std::set<std::size_t>& changed) {
    problem_.clear();
    // Keeper first: an arrival is then known by its id.
    if (auto done = ask_keeper(); !done) return done;
    auto folders = std::exchange(stale_, {});
    folders.insert(changed.begin(), changed.end());
    for (const auto folder : folders) {
        // An item may have left again before we looked: what a person took back is not wanted.
        const auto place = folders_[folder].place;
        const bool is_whole = place == Place::release || place == Place::allow;
        if (auto done = refresh(folder, is_whole); !done) return done;
    }
    if (!folders.empty())
        if (auto done = restore_unknown(); !done) return done;
    for (const auto& id : waiting_)
        if (is_late(entries_[id])) todo_.insert(id);
    if (!put_off_.empty() && Steady::now() >= retry_at_) todo_.merge(std::exchange(put_off_, {}));
    return act();
}

Result<void> ReviewSession::select(std::size_t folder) {
    if (selected_ == folder) return {};
    selected_.reset();
    const auto selected = mailbox_.select(folders_[folder].name);
    if (!selected) return tl::unexpected(selected.error());
    selected_ = folder;
    auto& state = states_[folder];
    if (state.uid_validity != 0 && state.uid_validity != selected->uid_validity) {
        log::warn("uidvalidity-changed", {{"folder", folders_[folder].name}});
        forget(folder);
        state.next_uid = 1;
    }
    state.uid_validity = selected->uid_validity;
    state.exists = selected->exists;
    if (selected->is_read_only && problem_.empty())
        problem_ = fmt::format("the folder {} is read-only for {}", folders_[folder].name,
                               configuration_->quarantine.imap_user);
    return {};
}

void ReviewSession::forget(std::size_t folder) {
    const auto is_there = [&](const Sighting& s) { return folder_of(s.place, s.folder) == folder; };
    for (auto& [id, entry] : entries_) {
        std::erase_if(entry.sightings, is_there);
        std::erase_if(entry.deleted, is_there);
    }
}

Result<void> ReviewSession::refresh(std::size_t folder, bool is_whole) {
    // Selected anew: some servers tell of new mail only then.
    selected_.reset();
    if (auto done = select(folder); !done) {
        if (connection_->is_broken()) return done;
        return try_again(folder, done.error());
    }
    if (is_whole) {
        forget(folder);
        states_[folder].next_uid = 1;
    }
    if (states_[folder].exists == 0) return {};
    const auto fields = fmt::format("{} {}", kIdField, kReviewField);
    auto done = mailbox_.heads(states_[folder].next_uid, fields,
                               [&](const ImapHead& head) { see(folder, head); });
    if (!done && !connection_->is_broken()) return try_again(folder, done.error());
    return done;
}

/// What the server told of the folder is not told twice: the next look begins with it.
Result<void> ReviewSession::try_again(std::size_t folder, const Error& refusal) {
    stale_.insert(folder);
    if (problem_.empty()) problem_ = refusal.what;
    return {};
}

void ReviewSession::see(std::size_t folder, const ImapHead& head) {
    auto& next = states_[folder].next_uid;
    next = std::max(next, head.uid == UINT32_MAX ? head.uid : head.uid + 1);
    std::string id = field_value(head.fields, kReviewField);
    const bool is_item = !id.empty();
    if (!is_item) id = field_value(head.fields, kIdField);
    // In folders of ours a native copy is what a person put there; it says nothing.
    const auto& where = folders_[folder];
    if (!is_message_id(id) || (!is_item && where.place != Place::arrivals)) return;
    if (entries_.size() >= kMaxEntries && entries_.find(id) == entries_.end()) return;
    auto& entry = entries_[id];
    const Sighting sighting{where.place, where.number, head.uid, is_item};
    auto& list = head.is_deleted ? entry.deleted : entry.sightings;
    if (std::find(list.begin(), list.end(), sighting) == list.end()) list.push_back(sighting);
    if (entry.is_known) todo_.insert(id);
}

/// What has changed since the last time; at first everything.
Result<void> ReviewSession::ask_keeper() {
    ItemQuery query;
    query.states = kAllStates;
    query.limit = kPage;
    for (;;) {
        query.changed_after = last_change_;
        const auto page = keeper_.list(query);
        if (!page) {
            // It may be restarting; the mailbox can wait.
            if (problem_.empty()) problem_ = page.error().what;
            return {};
        }
        const auto before = last_change_;
        for (const auto& status : page->items) take_status(status);
        if (page->items.empty() || last_change_ == before) return {};
    }
}

void ReviewSession::take_status(const ItemStatus& status) {
    last_change_ = std::max(last_change_, status.change);
    const auto found = entries_.find(status.id);
    if (found == entries_.end() && status.state == ItemState::gone) return;
    auto& entry = found == entries_.end() ? entries_[status.id] : found->second;
    entry.is_known = true;
    entry.received_at = status.received_at;
    entry.record.state = status.state;
    entry.record.is_infected = !status.virus.empty();
    entry.record.is_unreadable = false;  // until it is read again
    entry.record.filed_at = place_titled(status.folder);
    // The folder was made anew since then: what is missing there was not taken away by a person.
    const auto place = place_of(entry.record);
    if (place && entry.record.filed_at == place && status.uid_validity != 0 &&
        status.state == ItemState::held) {
        const auto now = states_[folder_of(*place)].uid_validity;
        if (now != 0 && now != status.uid_validity) entry.record.filed_at.reset();
    }
    todo_.insert(status.id);
}

std::size_t ReviewSession::folder_of(Place place, std::uint16_t number) const {
    for (std::size_t i = 0; i < folders_.size(); ++i)
        if (folders_[i].place == place && folders_[i].number == number) return i;
    return 0;  // INBOX; every place has its folder once begin() was good
}

std::string ReviewSession::title_of(Place place) const {
    const auto below = std::string(review_folder_name(place));
    const auto& base = configuration_->quarantine.folder;
    return below.empty() ? base : base + "/" + below;
}

std::optional<Place> ReviewSession::place_titled(std::string_view title) const {
    for (const auto& folder : folders_)
        if (folder.place != Place::arrivals && title == title_of(folder.place)) return folder.place;
    return std::nullopt;
}

bool ReviewSession::is_late(const Entry& entry) const {
    const auto patience = std::chrono::duration_cast<std::chrono::seconds>(
                              configuration_->quarantine.unseen_append.value)
                              .count();
    return unix_time() >= entry.received_at + patience;
}

ReviewCounts ReviewSession::counts() const {
    ReviewCounts out;
    out.waiting = waiting_.size();
    out.missed = arrivals_.missed;
    for (const auto& [id, entry] : entries_) {
        const bool has_item = std::any_of(entry.sightings.begin(), entry.sightings.end(),
                                          [](const auto& s) { return s.is_item; });
        if (entry.is_known && has_item) ++out.items;
        if (!entry.is_known && !entry.sightings.empty()) ++out.foreign;
    }
    return out;
}

}  // namespace cordon
