// SPDX-License-Identifier: GPL-2.0-only
// Which address stands for which: aliases that the MTA expands after a milter has seen the
// recipient. Each file is in the form of Postfix's virtual(5): ADDRESS, blanks, ADDRESS; of
// several targets the first counts.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

struct AddressMap {
    std::vector<std::string> entries;  // file:/path, or FROM=TO
    std::unordered_map<std::string, std::string>
        targets;  // by the keys of mailboxes; "@domain" too

    /// The address that `key` (of a mailbox) stands for; empty when it stands for itself.
    std::string target(const std::string& key) const;
    std::vector<std::string> files() const;
    /// Adds "FROM=TO"; false when it is not of that form.
    bool add(std::string_view pair);
};

/// The file's lines as "FROM=TO". Lines without an address on the left (the domain lines of
/// virtual(5)) say nothing. An error names FILE:LINE.
Result<std::vector<std::string>> read_address_map(const std::string& path);

}  // namespace cordon
