// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/zip_directory.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kEndRecord = 22;
constexpr std::size_t kCentralRecord = 46;
constexpr std::size_t kLocalRecord = 30;
constexpr std::size_t kMaxComment = 65535;

std::size_t number_at(std::string_view bytes, std::size_t at, unsigned width) {
    std::size_t value = 0;
    for (unsigned i = 0; i < width && at + i < bytes.size(); ++i) {
        value |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[at + i])) << (8U * i);
    }
    return value;
}

bool is_encrypted(std::size_t flags) {
    return (flags & 1U) != 0;
}

/// Where the last end-of-directory record begins.
std::optional<std::size_t> end_record(std::string_view bytes) {
    const std::size_t reach = kEndRecord + kMaxComment;
    const std::size_t from = bytes.size() > reach ? bytes.size() - reach : 0;
    const auto found = bytes.substr(from).rfind("PK\5\6"sv);
    if (found == std::string_view::npos || from + found + kEndRecord > bytes.size()) return {};
    return from + found;
}

struct Listing {
    std::vector<ZipMember> members;
    bool is_whole = false;
    bool over_limit = false;
};

Listing central_listing(std::string_view bytes, std::size_t limit) {
    Listing found;
    const auto end = end_record(bytes);
    if (!end) return found;
    const std::size_t size = number_at(bytes, *end + 12, 4);
    if (size > *end) return found;
    // Reading back from the end record allows for bytes in front, as of self-extracting archives.
    std::size_t at = *end - size;
    while (at + kCentralRecord <= *end && bytes.substr(at).starts_with("PK\1\2"sv)) {
        if (found.members.size() >= limit) {
            found.over_limit = true;
            return found;
        }
        const std::size_t name = number_at(bytes, at + 28, 2);
        const std::size_t rest = number_at(bytes, at + 30, 2) + number_at(bytes, at + 32, 2);
        if (at + kCentralRecord + name + rest > *end) return found;
        found.members.push_back({std::string(bytes.substr(at + kCentralRecord, name)),
                                 is_encrypted(number_at(bytes, at + 8, 2))});
        at += kCentralRecord + name + rest;
    }
    found.is_whole = at == *end && found.members.size() == number_at(bytes, *end + 10, 2);
    return found;
}

/// Every local header that can be seen: more than a directory may admit.
Listing local_listing(std::string_view bytes, std::size_t limit) {
    Listing found;
    std::size_t at = bytes.find("PK\3\4"sv);
    while (at != std::string_view::npos && at + kLocalRecord <= bytes.size()) {
        if (found.members.size() >= limit) {
            found.over_limit = true;
            return found;
        }
        const std::size_t name = number_at(bytes, at + 26, 2);
        const std::size_t packed = number_at(bytes, at + 18, 4);
        const std::size_t data = at + kLocalRecord + name + number_at(bytes, at + 28, 2);
        const bool is_plausible =
            name > 0 && name < 1024 && data <= bytes.size() && number_at(bytes, at + 4, 2) < 100;
        std::size_t next = at + 4;
        if (is_plausible) {
            found.members.push_back({std::string(bytes.substr(at + kLocalRecord, name)),
                                     is_encrypted(number_at(bytes, at + 6, 2))});
            next = data;
            // Stored data may hold another archive, whose headers are not ours.
            if (packed <= bytes.size() - data && bytes.substr(data + packed, 2) == "PK"sv)
                next += packed;
        }
        at = bytes.find("PK\3\4"sv, next);
    }
    found.is_whole = true;
    return found;
}

}  // namespace

ZipDirectory read_zip_directory(std::string_view bytes, std::size_t member_limit) {
    Listing central = central_listing(bytes, member_limit);
    Listing local = local_listing(bytes, member_limit);
    ZipDirectory result;
    result.over_limit = central.over_limit || local.over_limit;
    result.is_damaged = !central.is_whole && !central.over_limit;
    result.members = std::move(central.members);
    std::set<std::string> known;
    for (const auto& member : result.members) known.insert(member.name);
    for (auto& member : local.members) {
        if (!known.insert(member.name).second) continue;
        result.members.push_back(std::move(member));
        if (!result.over_limit) result.is_damaged = true;
    }
    return result;
}

}  // namespace cordon
