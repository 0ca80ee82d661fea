// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/people_file.h"

#include <fmt/format.h>

#include <filesystem>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "scoring/message/address.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxFileBytes = 1U << 20U;
constexpr std::size_t kMaxPeople = 1000;

/// One word alone would be borne by too many.
bool is_person(std::string_view line) {
    const std::string_view name = line.substr(0, line.find('<'));
    if (words(name).size() < 2) return false;
    if (line.find('<') == std::string_view::npos) return true;
    const auto mailboxes = parse_mailboxes(line, 3);
    return mailboxes.size() == 1 && !mailboxes.front().domain.empty();
}

Result<void> read_file_of_people(const std::string& path, std::vector<std::string>& out) {
    const auto text = read_file(path, kMaxFileBytes);
    if (!text) return tl::unexpected(text.error());
    const auto lines = split(*text, '\n');
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto line = trim(lines[i]);
        if (line.empty() || line.starts_with('#')) continue;
        if (!is_person(line))
            return fail(
                fmt::format("{}:{}: '{}' is no name of two words or more, with an address "
                            "in <> or without",
                            path, i + 1, printable(line, 80)));
        if (out.size() >= kMaxPeople)
            return fail(fmt::format("{}:{}: more than {} people", path, i + 1, kMaxPeople));
        out.emplace_back(line);
    }
    return {};
}

}  // namespace

Result<std::vector<std::string>> read_own_people(const std::vector<std::string>& folders) {
    std::vector<std::string> out;
    for (const auto& folder : folders) {
        const std::string path = folder + "/own-people";
        std::error_code error;
        if (!std::filesystem::exists(path, error)) continue;
        if (auto done = read_file_of_people(path, out); !done) return tl::unexpected(done.error());
    }
    return out;
}

}  // namespace cordon
