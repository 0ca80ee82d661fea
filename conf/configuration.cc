// SPDX-License-Identifier: GPL-2.0-only
#include "conf/configuration.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <set>

#include "conf/allowed_senders.h"
#include "conf/base/clock.h"
#include "conf/base/program.h"
#include "conf/base/text.h"
#include "conf/loader.h"
#include "conf/options.h"

namespace cordon {

namespace {

/// A line that reads back: only a value that begins with '#' would be taken for a comment after a
/// blank.
std::string key_line(std::string_view key, std::string_view value) {
    return fmt::format("{} ={}{}\n", key, value.starts_with('#') ? "" : " ", value);
}

constexpr std::string_view kListSection = "lists";  // only in the text that roles are given

/// The entries as one text, list files among them.
std::string effective_text(const std::vector<IniEntry>& entries, const Configuration& c) {
    std::string out;
    std::string section;
    for (const auto& entry : entries) {
        if (entry.section != section || out.empty()) out += fmt::format("[{}]\n", entry.section);
        section = entry.section;
        out += key_line(entry.key, entry.value);
    }
    if (!c.lists.empty()) out += fmt::format("[{}]\n", kListSection);
    for (const auto& [name, words] : c.lists) out += key_line(name, to_text(WordList{words}));
    return out;
}

Result<std::vector<std::string>> allowed_addresses(const std::string& path) {
    const auto senders = read_allowed_senders(path, unix_time());
    if (!senders) return tl::unexpected(senders.error());
    std::vector<std::string> out;
    for (const auto& sender : *senders) out.push_back(sender.address);
    return out;
}

ListSource lists_on_disk() {
    return {read_address_file, read_address_map, allowed_addresses};
}

/// Takes the list files out of a text that effective_text() wrote.
ListSource take_lists(std::vector<IniEntry>& entries) {
    std::map<std::string, std::vector<std::string>> lists;
    for (const auto& entry : entries)
        if (entry.section == kListSection) lists[entry.key] = words(entry.value);
    std::erase_if(entries, [](const auto& entry) { return entry.section == kListSection; });
    // A text that no cordond wrote has none of what reviewers allowed.
    const ListReader allowed = [lists](const std::string& path) {
        const auto found = lists.find("list:" + path);
        return found == lists.end() ? std::vector<std::string>() : found->second;
    };
    const auto read = [lists](const std::string& name,
                              const std::string& path) -> Result<std::vector<std::string>> {
        const auto found = lists.find(name);
        if (found == lists.end()) return fail(path + ": this list is missing in the text");
        return found->second;
    };
    ListSource out;
    out.addresses = [read](const auto& path) { return read("list:" + path, path); };
    out.aliases = [read](const auto& path) { return read("map:" + path, path); };
    out.allowed = allowed;
    return out;
}

Result<ConfigurationPtr> build(const std::vector<IniEntry>& entries, const ListSource& lists) {
    auto configuration = std::make_shared<Configuration>();
    Loader loader(*configuration, lists);
    if (const auto loaded = loader.load(entries); !loaded) return tl::unexpected(loaded.error());
    if (configuration->cordon.authserv_id.empty()) {
        std::array<char, HOST_NAME_MAX + 1> name{};
        configuration->cordon.authserv_id =
            ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
    }
    configuration->text = effective_text(entries, *configuration);
    return ConfigurationPtr(std::move(configuration));
}

bool is_directory(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::string shipped_rules() {
    const std::string beside = program_directory() + "/../conf/rules";
    return is_directory(beside) ? beside : CORDON_DATADIR "/rules";
}

}  // namespace

std::string Configuration::vault_directory() const {
    return quarantine.vault.empty() ? cordon.state_directory + "/vault" : quarantine.vault;
}

std::string Configuration::learning_directory() const {
    return cordon.state_directory + "/learning";
}

std::string Configuration::history_path() const {
    return cordon.state_directory + "/history.db";
}

std::string Configuration::live_table_path() const {
    return cordon.run_directory + "/weights";
}

std::string Configuration::socket_path(std::string_view name) const {
    return fmt::format("{}/{}.sock", cordon.run_directory, name);
}

std::vector<std::string> Configuration::rule_directories() const {
    const std::string shipped = rules.shipped.empty() ? shipped_rules() : rules.shipped;
    // Without them mail would be judged by next to nothing: who loads them says that they are gone.
    if (!is_directory(shipped)) return {shipped};
    std::vector<std::string> out;
    std::set<std::string> seen;  // the site's folder may well be the shipped one
    for (const auto& path : {shipped, rules.path}) {
        std::array<char, PATH_MAX> real{};
        if (is_directory(path) && ::realpath(path.c_str(), real.data()) != nullptr &&
            seen.insert(real.data()).second)
            out.emplace_back(real.data());
    }
    return out;
}

Result<ConfigurationPtr> load_configuration(const std::string& path) {
    const auto entries = read_ini(path);
    if (!entries) return tl::unexpected(entries.error());
    return build(*entries, lists_on_disk());
}

Result<ConfigurationPtr> parse_configuration(std::string_view text, const std::string& file_name) {
    auto entries = parse_ini(text, file_name);
    if (!entries) return tl::unexpected(entries.error());
    const auto lists = take_lists(*entries);
    return build(*entries, lists);
}

Result<ConfigurationPtr> reload_lists(const Configuration& configuration) {
    auto entries = parse_ini(configuration.text, "configuration");
    if (!entries) return tl::unexpected(entries.error());
    take_lists(*entries);
    return build(*entries, lists_on_disk());
}

std::string show_configuration(const Configuration& configuration) {
    Configuration copy = configuration;
    std::string out;
    std::string section;
    const auto whole = OptionTable::of(copy);
    for (const auto& row : whole.rows()) {
        const auto dot = row.name.find('.');
        if (row.name.substr(0, dot) != section) {
            section = row.name.substr(0, dot);
            out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", section);
        }
        out += key_line(row.name.substr(dot + 1), row.show());
    }
    // What follows the table as it was written: one section a domain or user, scores by rule
    // or signature.
    std::string rest;
    bool is_scoped = false;
    for (const auto line : split(configuration.text, '\n')) {
        if (line.starts_with('['))
            is_scoped = line.starts_with("[domain.") || line.starts_with("[dnsbl.") ||
                        line.starts_with("[user.") || line == "[scores]" ||
                        line == "[shadow-scores]" || line == "[signatures]";
        if (is_scoped && !line.empty())
            rest += fmt::format("{}{}\n", line.starts_with('[') ? "\n" : "", line);
    }
    return out + rest;
}

}  // namespace cordon
