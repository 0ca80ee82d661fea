// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/review/review_plan.h"

#include <algorithm>
#include <tuple>

namespace cordon {

namespace {

using Steps = std::vector<Step>;
using Kind = Step::Kind;

struct View {
    std::vector<Sighting> items;
    std::vector<Sighting> natives;

    explicit View(const std::vector<Sighting>& sightings) {
        for (const auto& s : sightings) (s.is_item ? items : natives).push_back(s);
        const auto order = [](const Sighting& a, const Sighting& b) {
            return std::tie(a.place, a.folder, a.uid) < std::tie(b.place, b.folder, b.uid);
        };
        std::sort(items.begin(), items.end(), order);
    }
    const Sighting* item_at(Place place) const {
        const auto found = std::find_if(items.begin(), items.end(),
                                        [place](const auto& s) { return s.place == place; });
        return found == items.end() ? nullptr : &*found;
    }
};

void remove_all(Steps& steps, const std::vector<Sighting>& what, const Sighting* but = nullptr) {
    for (const auto& s : what)
        if (but == nullptr || s != *but) steps.push_back({Kind::remove, s.place, s});
}

/// What a person asks for by where the item lies, if that says anything.
std::optional<Steps> wish(const ItemRecord& record, const View& view) {
    // Until the outcome of the last wish is filed, the item lies where that wish left it.
    const bool is_settled = record.state == ItemState::held || record.filed_at == place_of(record);
    if (!is_settled) return std::nullopt;
    const bool is_releasable = record.state == ItemState::held || record.state == ItemState::spam ||
                               record.state == ItemState::failed;
    // Both at once, by a client that copies: what was delivered can still be called spam, what was
    // called spam and not delivered is missed by somebody.
    for (const auto& [place, kind] :
         {std::pair{Place::allow, Kind::order_allow}, {Place::release, Kind::order_release}})
        if (is_releasable && view.item_at(place) != nullptr)
            return Steps{{Kind::mark, place}, {kind, place}};
    if (record.state != ItemState::spam && view.item_at(Place::spam) != nullptr)
        return Steps{{Kind::order_spam, Place::spam}};
    return std::nullopt;
}

/// The one to keep when none lies where it belongs: the one that a person touched last.
const Sighting& best_of(const std::vector<Sighting>& items) {
    for (const auto place : {Place::release, Place::allow, Place::spam})
        for (const auto& item : items)
            if (item.place == place) return item;
    return items.front();
}

/// A new item, then the old ones away: at no moment is there none.
Steps replaced(const View& view, Place place) {
    Steps steps{{Kind::store, place}, {Kind::mark, place}};
    remove_all(steps, view.items);
    remove_all(steps, view.natives);
    return steps;
}

Steps settled(const ItemRecord& record, const View& view, Place place) {
    Steps steps;
    const Sighting* keep = view.item_at(place);
    if (keep == nullptr && !view.items.empty()) {
        keep = &best_of(view.items);
        steps.push_back({Kind::move, place, *keep});
    }
    if (record.filed_at != place) steps.push_back({Kind::mark, place});
    remove_all(steps, view.items, keep);
    remove_all(steps, view.natives);
    return steps;
}

/// The item goes to its place as it is; nothing is taken away.
Steps kept(const ItemRecord& record, const View& view, Place place) {
    if (view.items.empty()) return {};
    Steps steps;
    if (view.item_at(place) == nullptr) steps.push_back({Kind::move, place, best_of(view.items)});
    if (record.filed_at != place) steps.push_back({Kind::mark, place});
    return steps;
}

}  // namespace

std::optional<Place> place_of(const ItemRecord& record) {
    switch (record.state) {
        case ItemState::held: return record.is_infected ? Place::infected : Place::held;
        case ItemState::sent:
        case ItemState::filed: return Place::released;
        case ItemState::spam: return Place::spam;
        case ItemState::failed: return Place::failed;
        case ItemState::sending:
        case ItemState::gone: break;
    }
    return std::nullopt;
}

std::vector<Step> plan_item(const ItemRecord& record, const std::vector<Sighting>& sightings,
                            bool is_late) {
    const View view(sightings);
    if (record.state == ItemState::gone) {
        Steps steps;
        remove_all(steps, sightings);
        return steps;
    }
    const auto place = place_of(record);
    if (!place) return {};
    if (auto wanted = wish(record, view)) return *wanted;
    if (record.is_unreadable) return kept(record, view, *place);
    const bool is_new = record.filed_at != place;
    // The note of a failure is new each time.
    if (record.state == ItemState::failed && is_new) return replaced(view, *place);
    if (record.state == ItemState::held && !record.filed_at && view.items.empty()) {
        // Without its native copy the MTA may still be about to deliver it.
        return view.natives.empty() && !is_late ? Steps() : replaced(view, *place);
    }
    return settled(record, view, *place);
}

}  // namespace cordon
