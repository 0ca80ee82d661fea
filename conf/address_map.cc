// SPDX-License-Identifier: GPL-2.0-only
#include "conf/address_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/address_list.h"
#include "conf/base/file_descriptor.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "conf/values.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxMapBytes = 64U << 20U;

/// "@example.org" for a domain that stands for another, else the key of a mailbox.
std::string side_key(std::string_view side) {
    if (side.starts_with('@')) {
        const auto domain = address_entry_key(side.substr(1));
        return domain.empty() || side.find('@', 1) != std::string_view::npos ? "" : "@" + domain;
    }
    return is_mailbox(side) ? mailbox_key(side) : std::string();
}

}  // namespace

bool AddressMap::add(std::string_view pair) {
    const auto equals = pair.rfind('=');  // a local part may hold one
    if (equals == std::string_view::npos) return false;
    auto from = side_key(pair.substr(0, equals));
    auto to = side_key(pair.substr(equals + 1));
    // A domain maps to a domain only: its users keep their names.
    if (from.empty() || to.empty() || (to.front() == '@' && from.front() != '@')) return false;
    targets.insert_or_assign(std::move(from), std::move(to));
    return true;
}

std::string AddressMap::target(const std::string& key) const {
    if (const auto found = targets.find(key); found != targets.end()) return found->second;
    const auto at = key.rfind('@');
    if (at == std::string::npos) return {};
    const auto found = targets.find(key.substr(at));
    if (found == targets.end()) return {};
    return found->second.front() == '@' ? key.substr(0, at) + found->second : found->second;
}

std::vector<std::string> AddressMap::files() const {
    return AddressList{entries, {}}.files();
}

Result<std::vector<std::string>> read_address_map(const std::string& path) {
    const auto text = read_file(path, kMaxMapBytes);
    if (!text) return tl::unexpected(text.error());
    std::vector<std::string> out;
    unsigned number = 0;
    for (const auto line : split(*text, '\n')) {
        ++number;
        const auto fields = words(line.substr(0, line.find('#')));
        if (fields.empty() || fields.front().find('@') == std::string::npos) continue;
        const std::string pair = fields.size() < 2 ? "" : fields[0] + "=" + fields[1];
        if (!AddressMap().add(pair))
            return fail(fmt::format("{}:{}: expected 'ADDRESS ADDRESS', found '{}'", path, number,
                                    printable(line, 80)));
        out.push_back(pair);
    }
    return out;
}

template <>
Result<AddressMap> parse_value(const std::string& text) {
    AddressMap out;
    for (auto& word : words(text)) {
        if (!word.starts_with("file:/") && !out.add(word))
            return fail(fmt::format("'{}' is neither file:/path nor ADDRESS=ADDRESS",
                                    printable(word, 100)));
        out.entries.push_back(std::move(word));
    }
    return out;
}

std::string to_text(const AddressMap& value) {
    return to_text(WordList{value.entries});
}

}  // namespace cordon
