// SPDX-License-Identifier: GPL-2.0-only
// Reads entries into a Configuration, section by section, and checks what they mean together. Of
// conf/configuration.cc only.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "conf/configuration.h"
#include "conf/options.h"

namespace cordon {

/// The words of a list file: from the disk, or from the text that cordond hands to a role.
using ListReader = std::function<Result<std::vector<std::string>>(const std::string& path)>;
struct ListSource {
    ListReader addresses;
    ListReader aliases;
    ListReader allowed;  // by reviewers
};

class Loader {
 public:
    Loader(Configuration& configuration, const ListSource& lists);

    Result<void> load(const std::vector<IniEntry>& entries);

 private:
    using Scoped = std::map<std::string, std::vector<const IniEntry*>, std::less<>>;

    Result<void> read(const IniEntry& entry);
    Result<void> read_dns_list(const IniEntry& entry);
    Result<void> check_dns_lists() const;
    Result<void> read_score(const IniEntry& entry, std::vector<ScoreEntry>& scores);
    Result<void> read_signature(const IniEntry& entry);
    Result<void> read_scoped(const Scoped& sections, bool is_user);
    Result<void> read_section(const std::string& section,
                              const std::vector<const IniEntry*>& entries,
                              const OptionTable& table);
    Result<std::shared_ptr<const AddressSet>> list_file(const std::string& path);
    Result<void> read_list(AddressList& list, const std::string& key);
    Result<void> read_lists(Policy& p, const std::string& section);
    Result<void> read_allowed();
    Result<void> read_aliases();
    Result<void> check() const;
    Result<void> check_review() const;
    Result<void> check_digest() const;
    Result<void> check_paths() const;
    Result<void> check_names() const;
    Result<void> check_upkeep() const;
    Result<void> note_place(const std::string& name, const IniEntry& entry);
    /// Fails with the place of the first of these keys that the file sets.
    Result<void> at(const std::vector<std::string>& keys, const std::string& message) const;

    Configuration& configuration_;
    const ListSource& lists_;
    OptionTable table_;
    Policy scratch_;
    Scoped domains_;
    Scoped users_;
    std::map<std::string, std::shared_ptr<const AddressSet>, std::less<>> sets_;  // by path
    std::shared_ptr<const AddressSet> allowed_;  // by reviewers; unset without a quarantine
};

}  // namespace cordon
