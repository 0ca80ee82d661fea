// SPDX-License-Identifier: GPL-2.0-only
// Lists of addresses and domains: `alice@example.org`, `example.net`, `.example.net` (every domain
// below it), and `file:/path`, a file of such entries that cordond reads again when it changes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

using AddressSet = std::unordered_set<std::string>;

struct AddressList {
    std::vector<std::string> entries;  // as written
    std::vector<std::shared_ptr<const AddressSet>> sets;

    bool contains(std::string_view address) const;
    std::vector<std::string> files() const;  // paths of its file: entries
};

/// The spelling under which an entry is kept; nothing for a word that is no address and no domain.
std::string address_entry_key(std::string_view word);

/// The file's words: one or more a line, `#` begins a comment. An error names FILE:LINE.
Result<std::vector<std::string>> read_address_file(const std::string& path);

}  // namespace cordon
