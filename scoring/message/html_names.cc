// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/html_names.h"

#include <array>
#include <cstddef>

#include "conf/base/text.h"

namespace cordon {
namespace {

// In the order of the enumerators.
constexpr std::string_view kTags =
    "a address applet area article aside b base basefont bgsound big blockquote body br button "
    "caption center code col colgroup datalist dd details dialog dir div dl dt em embed fieldset "
    "figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i "
    "iframe image img input legend li link listing main math menu meta nav nobr noembed noframes "
    "object ol optgroup option p param plaintext pre s script section select small source strike "
    "strong style summary svg table tbody td template textarea tfoot th thead title tr track tt "
    "u ul wbr xmp ";

constexpr std::string_view kAttributeNames =
    "action alt background bgcolor class color content data formaction height hidden href "
    "http-equiv id poster rel src srcset style text type value width xlink:href ";

constexpr std::size_t kLongest = 10;
constexpr std::size_t kBuckets = 512;

/// Of the size and three letters; names are not empty.
constexpr std::uint32_t hash_of(std::string_view name) {
    const auto letter = [name](std::size_t at) {
        return static_cast<std::uint8_t>(name[at]) | 0x20U;
    };
    const auto size = name.size();
    const auto mixed = static_cast<std::uint32_t>(size) + letter(0) * 31U +
                       letter(size - 1) * 1021U + letter(size / 2) * 8191U;
    return mixed * 0x9E3779B1U >> 20U;
}

struct Bucket {
    std::string_view name;
    std::uint8_t number = 0;
};

using Table = std::array<Bucket, kBuckets>;

constexpr Table make_table(std::string_view names, std::uint8_t first) {
    Table table{};
    for (std::uint8_t number = first; !names.empty(); ++number) {
        const auto name = names.substr(0, names.find(' '));
        names.remove_prefix(name.size() + 1);
        auto at = hash_of(name) % kBuckets;
        while (!table[at].name.empty()) at = (at + 1) % kBuckets;
        table[at] = {name, number};
    }
    return table;
}

constexpr Table kTagTable = make_table(kTags, 1);
constexpr Table kAttributeTable = make_table(kAttributeNames, 0);

bool equals(std::string_view lower_case, std::string_view name) {
    if (lower_case.size() != name.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (ascii_lower(name[i]) != lower_case[i]) return false;
    }
    return true;
}

int find(const Table& table, std::string_view name) {
    if (name.empty() || name.size() > kLongest) return -1;
    for (auto at = hash_of(name) % kBuckets; !table[at].name.empty(); at = (at + 1) % kBuckets) {
        if (equals(table[at].name, name)) return table[at].number;
    }
    return -1;
}

}  // namespace

Tag tag_named(std::string_view name) {
    const int number = find(kTagTable, name);
    return number < 0 ? Tag::unknown : static_cast<Tag>(number);
}

Attribute attribute_named(std::string_view name) {
    if (name.size() > 2 && ascii_lower(name[0]) == 'o' && ascii_lower(name[1]) == 'n' &&
        is_alpha(name[2])) {
        return Attribute::event_handler;
    }
    const int number = find(kAttributeTable, name);
    return number < 0 ? Attribute::unknown : static_cast<Attribute>(number);
}

}  // namespace cordon
