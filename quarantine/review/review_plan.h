// SPDX-License-Identifier: GPL-2.0-only
// What is to be done about one held message: a pure function of what the keeper records about it
// and where the mailbox shows it. Called again after each step was carried out, or interrupted, or
// done by somebody else, it comes to rest with one review item in the place of its state.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "quarantine/journal/item.h"

namespace cordon {

/// The folders, by what they mean.
enum class Place : std::uint8_t {
    arrivals,  // INBOX and \Junk: native copies, as the MTA delivered them
    held,
    release,
    allow,
    spam,
    released,
    failed,
    infected,
};
constexpr std::size_t kPlaces = 8;

/// One message of the mailbox that carries the id, and is not marked as deleted.
struct Sighting {
    Place place = Place::arrivals;
    std::uint16_t folder = 0;  // which one, where a place has several
    std::uint32_t uid = 0;
    bool is_item = false;  // ours; else the native copy

    friend bool operator==(const Sighting&, const Sighting&) = default;
};

/// What the keeper records.
struct ItemRecord {
    ItemState state = ItemState::held;
    bool is_infected = false;
    std::optional<Place> filed_at;  // where the item was last put or seen; nothing: nowhere yet
    bool is_unreadable = false;  // the vault's copy is no good: the mailbox may have the last one
};

struct Step {
    enum class Kind : std::uint8_t {
        store,          // build a review item and append it to `place`
        move,           // `what` to `place`
        remove,         // `what`
        order_release,  // a person wants it delivered
        order_allow,    // and its sender allowed
        order_spam,     // a person says that it is spam
        mark,           // tell the keeper that the item is in `place`
    };
    Kind kind;
    Place place = Place::arrivals;
    Sighting what = {};

    friend bool operator==(const Step&, const Step&) = default;
};

/// In the order in which they are to be done; what follows a failed step is not done. `is_late`:
/// the native copy has had its time to arrive.
std::vector<Step> plan_item(const ItemRecord& record, const std::vector<Sighting>& sightings,
                            bool is_late);

/// Where the item of a message in this state belongs; nothing while it is on its way, or gone.
std::optional<Place> place_of(const ItemRecord& record);

}  // namespace cordon
