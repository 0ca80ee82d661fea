// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/review/review_folders.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"

namespace cordon {

namespace {

struct Row {
    Place place;
    const char* name;
    bool is_watched;
};
constexpr std::array<Row, 7> kRows = {{
    {Place::held, "", false},
    {Place::release, "Release", true},
    {Place::allow, "Release and allow", true},
    {Place::spam, "Spam", true},
    {Place::released, "Released", false},
    {Place::failed, "Failed", false},
    {Place::infected, "Virus", false},
}};
constexpr std::size_t kMaxArrivals = 4;

}  // namespace

std::string_view review_folder_name(Place place) {
    const auto* const found = std::find_if(kRows.begin(), kRows.end(),
                                           [place](const Row& r) { return r.place == place; });
    return found == kRows.end() ? std::string_view() : found->name;
}

std::string server_name(const ImapNamespace& space, const std::string& base,
                        const std::string& below) {
    std::string path = base;
    if (!below.empty()) path += "/" + below;
    std::string out;
    for (const auto level : split(path, '/')) {
        if (level.empty()) continue;
        if (!out.empty()) out += space.delimiter;
        out += to_modified_utf7(level);
    }
    return space.prefix + out;
}

Result<std::vector<ReviewFolder>> make_review_folders(ImapMailbox& mailbox,
                                                      const std::string& base) {
    const auto space = mailbox.personal_namespace();
    if (!space) return tl::unexpected(space.error());
    std::vector<ReviewFolder> out{{Place::arrivals, "INBOX", 0, true}};
    const auto listed = mailbox.folders("*");
    if (!listed) return tl::unexpected(listed.error());
    for (const auto& folder : *listed) {
        const bool is_junk = folder.has("\\junk") && !folder.has("\\noselect");
        if (is_junk && out.size() < kMaxArrivals)
            out.push_back(
                {Place::arrivals, folder.name, static_cast<std::uint16_t>(out.size()), true});
    }
    for (const auto& [place, below, is_watched] : kRows) {
        const std::string name = server_name(*space, base, below);
        // Whoever unsubscribed from one that is there wanted that.
        const bool is_there =
            std::any_of(listed->begin(), listed->end(), [&name](const ImapFolder& folder) {
                return folder.name == name && !folder.has("\\noselect") &&
                       !folder.has("\\nonexistent");
            });
        if (!is_there)
            if (auto made = mailbox.make(name); !made) return tl::unexpected(made.error());
        out.push_back({place, name, 0, is_watched});
    }
    return out;
}

}  // namespace cordon
