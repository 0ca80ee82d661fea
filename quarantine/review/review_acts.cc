// SPDX-License-Identifier: GPL-2.0-only
// Acting: the steps of plans, moves and removals gathered so that a thousand cost one command.
#include <fmt/format.h>

#include <algorithm>

#include "conf/base/log.h"
#include "quarantine/item/review_item.h"
#include "quarantine/review/review_session.h"

namespace cordon {

namespace {

constexpr Milliseconds kFirstPause(5000);
constexpr Milliseconds kLongestPause(300'000);
constexpr std::string_view kWho = "imap";

std::string label_of(Place place) {
    if (place == Place::infected) return "virus";
    return place == Place::failed ? "not released" : "held";
}

}  // namespace

/// Where an id shows in several places, one of them may be a memory: a person has moved it since.
/// Nothing is taken away because of a message that is no longer there.
Result<void> ReviewSession::verify() {
    std::map<std::size_t, Uids> doubtful;
    std::vector<Entry*> entries;
    for (const auto& id : todo_) {
        const auto found = entries_.find(id);
        if (found == entries_.end() || found->second.sightings.size() < 2) continue;
        entries.push_back(&found->second);
        for (const auto& s : found->second.sightings)
            doubtful[folder_of(s.place, s.folder)].push_back(s.uid);
    }
    std::map<std::size_t, std::set<std::uint32_t>> there;
    for (const auto& [folder, uids] : doubtful) {
        auto done = select(folder);
        const auto present = done ? mailbox_.present(uids) : tl::unexpected(done.error());
        if (!present) return tl::unexpected(present.error());
        there[folder].insert(present->begin(), present->end());
    }
    for (auto* const entry : entries)
        std::erase_if(entry->sightings, [&](const Sighting& s) {
            return !there[folder_of(s.place, s.folder)].contains(s.uid);
        });
    return {};
}

Result<void> ReviewSession::act() {
    if (auto done = verify(); !done) {
        if (connection_->is_broken()) return done;
        if (problem_.empty()) problem_ = done.error().what;
        put_off_.merge(std::exchange(todo_, {}));
    }
    Batch batch;
    for (const auto& id : std::exchange(todo_, {}))
        if (auto done = plan_and_start(id, batch); !done) return done;
    if (auto done = finish(batch); !done) return done;
    if (put_off_.empty()) {
        pause_ = {};
        return {};
    }
    if (Steady::now() >= retry_at_) {
        pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
        retry_at_ = Steady::now() + pause_;
    }
    return {};
}

Result<void> ReviewSession::refused(const std::string& id, const Error& why) {
    if (connection_->is_broken()) return tl::unexpected(why);
    if (problem_.empty()) problem_ = why.what;
    put_off_.insert(id);
    return {};
}

Result<void> ReviewSession::plan_and_start(const std::string& id, Batch& batch) {
    const auto found = entries_.find(id);
    if (found == entries_.end() || !found->second.is_known) return {};
    auto& entry = found->second;
    for (const auto& step : plan_item(entry.record, entry.sightings, is_late(entry))) {
        auto done = carry_out(id, entry, step, batch);
        if (done) continue;
        if (!is_no_good_copy(done.error()) || entry.record.is_unreadable)
            return refused(id, done.error());
        // No new item can be made of it: planned once more with what is there.
        entry.record.is_unreadable = true;
        log::error("item-without-copy", {{"id", id}, {"error", done.error().what}});
        todo_.insert(id);
        return {};
    }
    expunge_rest(entry, batch);
    const bool is_waiting = entry.record.state == ItemState::held && !entry.record.filed_at;
    is_waiting ? void(waiting_.insert(id)) : void(waiting_.erase(id));
    if (entry.record.state == ItemState::gone) entries_.erase(found);
    return {};
}

/// Marking and expunging are two commands, between which a connection or process may end. An item
/// that is the last of its kind may be one that a person thinks about: it stays.
void ReviewSession::expunge_rest(Entry& entry, Batch& batch) const {
    const bool has_item = std::any_of(entry.sightings.begin(), entry.sightings.end(),
                                      [](const auto& s) { return s.is_item; });
    for (const auto& s : std::exchange(entry.deleted, {}))
        if (!s.is_item || has_item) batch.removals[folder_of(s.place, s.folder)].push_back(s.uid);
}

Result<void> ReviewSession::carry_out(const std::string& id, Entry& entry, const Step& step,
                                      Batch& batch) {
    const auto folder = folder_of(step.what.place, step.what.folder);
    const std::pair key{folder, step.place};
    switch (step.kind) {
        case Step::Kind::store: return store(id, entry, step.place);
        case Step::Kind::move:
            batch.moves[key].push_back(step.what.uid);
            batch.marks[key].push_back(id);
            drop(step.what, entry);
            return {};
        case Step::Kind::remove:
            batch.removals[folder].push_back(step.what.uid);
            drop(step.what, entry);
            return {};
        case Step::Kind::mark: {
            // That of a move follows when it was done.
            const bool is_moving = std::any_of(
                batch.marks.begin(), batch.marks.end(),
                [&](const auto& some) { return !some.second.empty() && some.second.back() == id; });
            return is_moving ? Result<void>() : mark(id, entry, step.place);
        }
        case Step::Kind::order_release:
        case Step::Kind::order_allow:
        case Step::Kind::order_spam: return order(id, entry, step.kind);
    }
    return {};
}

/// The vault has it anyway, and the item is made from it; but a mailbox that nothing reaches is
/// full or gone, and with NOTIFY=NEVER no MTA says so.
void ReviewSession::note_arrival(const Entry& entry) {
    if (entry.record.state != ItemState::held || entry.record.filed_at ||
        entry.received_at < arrivals_.since)
        return;
    const bool is_here = std::any_of(entry.sightings.begin(), entry.sightings.end(),
                                     [](const auto& s) { return !s.is_item; });
    if (is_here && arrivals_.missed > 0) log::info("arrivals-come-again");
    if (!is_here && arrivals_.missed == 0)
        log::error("arrivals-missing",
                   {{"mailbox", configuration_->quarantine.mailbox},
                    {"remedy",
                     "the MTA brought no copy within unseen-append: is the mailbox full, unknown "
                     "or renamed? Held mail is shown from the vault"}});
    arrivals_.missed = is_here ? 0 : arrivals_.missed + 1;
}

void ReviewSession::drop(const Sighting& sighting, Entry& entry) {
    std::erase(entry.sightings, sighting);
}

Result<void> ReviewSession::store(const std::string& id, Entry& entry, Place place) {
    const auto opened = keeper_.open(id);
    if (!opened) return tl::unexpected(opened.error());
    // Of one that is infected nothing could be restored from the mailbox.
    const auto seal = place == Place::infected ? Result<std::string>() : keeper_.seal_of(id);
    if (!seal) return tl::unexpected(seal.error());
    const auto& c = configuration_->quarantine;
    ReviewItemOptions options;
    options.mailbox = c.mailbox;
    options.folder = c.folder;
    options.label = label_of(place);
    options.note = opened->status.note;
    options.seal = *seal;
    const auto kept = std::chrono::duration_cast<std::chrono::seconds>(c.retention.value).count();
    if (kept > 0) options.kept_until = opened->held.message.received_at + kept;
    const ReviewItem item(opened->held.message, opened->held.original, options);
    const ImapUpload upload{item.size(),
                            [&item](const ImapUpload::Write& write) { return item.send(write); }};
    const auto folder = folder_of(place);
    const auto uid =
        mailbox_.append({folders_[folder].name, "", opened->held.message.received_at}, upload);
    if (!uid) return tl::unexpected(uid.error());
    if (*uid != 0)
        entry.sightings.push_back({place, 0, *uid, true});
    else
        stale_.insert(folder);
    note_arrival(entry);
    log::info("item-filed", {{"id", id}, {"folder", title_of(place)}});
    return {};
}

Result<void> ReviewSession::mark(const std::string& id, Entry& entry, Place place) {
    const auto folder = folder_of(place);
    const auto at = std::find_if(entry.sightings.begin(), entry.sightings.end(),
                                 [place](const auto& s) { return s.is_item && s.place == place; });
    const auto uid = at == entry.sightings.end() ? 0 : at->uid;
    const auto answer =
        keeper_.mark_filed({id, title_of(place), states_[folder].uid_validity, uid});
    if (!answer) return tl::unexpected(answer.error());
    entry.record.filed_at = place;
    entry.record.state = answer->state;
    return {};
}

Result<void> ReviewSession::order(const std::string& id, Entry& entry, Step::Kind kind) {
    const std::string who(kWho);
    Result<OrderAnswer> answer;
    if (kind == Step::Kind::order_spam) {
        answer = keeper_.order_confirm(id, who);
    } else {
        ReleaseOrder order;
        order.id = id;
        order.who = who;
        order.allow_sender = kind == Step::Kind::order_allow;
        answer = keeper_.order_release(order);
        has_ordered_ = true;
    }
    if (!answer) return tl::unexpected(answer.error());
    const bool has_changed = entry.record.state != answer->state;
    entry.record.state = answer->state;
    // Nothing more is planned for this wish, but its outcome may be here already.
    if (has_changed) todo_.insert(id);
    return {};
}

Result<void> ReviewSession::finish(Batch& batch) {
    if (auto done = finish_moves(batch); !done) return done;
    for (const auto& [folder, uids] : batch.removals) {
        auto done = select(folder);
        if (done) done = mailbox_.remove(uids);
        if (done) continue;
        if (connection_->is_broken()) return done;
        // They are still there: the next sweep sees them.
        if (problem_.empty()) problem_ = done.error().what;
    }
    return {};
}

Result<void> ReviewSession::finish_moves(Batch& batch) {
    for (const auto& [key, uids] : batch.moves) {
        const auto& [folder, place] = key;
        auto done = select(folder);
        if (done) done = mailbox_.move(uids, folders_[folder_of(place)].name);
        stale_.insert(folder_of(place));
        if (!done) {
            // Still there, or not: looked at again from the start.
            stale_.insert(folder);
            states_[folder].next_uid = 1;
        }
        for (const auto& id : batch.marks[key]) {
            auto& entry = entries_[id];
            auto marked = done ? mark(id, entry, place) : done;
            if (marked) continue;
            if (auto put_off = refused(id, marked.error()); !put_off) return put_off;
        }
    }
    return {};
}

Result<bool> ReviewSession::take_probe(const std::string& message_id) {
    for (std::size_t i = 0; i < folders_.size(); ++i) {
        if (folders_[i].place != Place::arrivals) continue;
        selected_.reset();
        if (auto done = select(i); !done) return tl::unexpected(done.error());
        const auto found = mailbox_.search("Message-ID", message_id);
        if (!found) return tl::unexpected(found.error());
        if (found->empty()) continue;
        if (auto done = mailbox_.remove(*found); !done) return tl::unexpected(done.error());
        return true;
    }
    return false;
}

}  // namespace cordon
