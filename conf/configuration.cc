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

#include "conf/base/mail_address.h"
#include "conf/base/program.h"
#include "conf/base/text.h"
#include "conf/options.h"

namespace cordon {

namespace {

Result<void> check_policy(const Policy& policy) {
    if (policy.tag.value > policy.quarantine.value || policy.quarantine.value > policy.reject.value)
        return fail(
            fmt::format("scores must rise from tag ({}) over quarantine ({}) to reject ({})",
                        to_text(policy.tag), to_text(policy.quarantine), to_text(policy.reject)));
    return {};
}

/// Reads entries into a Configuration, section by section.
class Loader {
 public:
    explicit Loader(Configuration& configuration)
        : configuration_(configuration), table_(OptionTable::of(configuration)) {}

    Result<void> load(const std::vector<IniEntry>& entries);

 private:
    using Scoped = std::map<std::string, std::vector<const IniEntry*>, std::less<>>;

    Result<void> read(const IniEntry& entry);
    Result<void> read_score(const IniEntry& entry);
    Result<void> read_scoped(const Scoped& sections, bool is_user);
    Result<void> check() const;
    Result<void> note_place(const std::string& name, const IniEntry& entry);
    /// Fails with the place of the first of these keys that the file sets.
    Result<void> at(std::initializer_list<std::string_view> keys, const std::string& message) const;

    Configuration& configuration_;
    OptionTable table_;
    Scoped domains_;
    Scoped users_;
    std::map<std::string, std::string, std::less<>> places_;  // "section.key" -> FILE:LINE
};

Result<void> Loader::at(std::initializer_list<std::string_view> keys,
                        const std::string& message) const {
    for (const auto key : keys) {
        const auto place = places_.find(key);
        if (place != places_.end()) return fail(place->second + ": " + message);
    }
    return fail(message);
}

Result<void> Loader::note_place(const std::string& name, const IniEntry& entry) {
    const auto [place, is_new] = places_.emplace(name, entry.where());
    if (!is_new)
        return fail(fmt::format("{} was set already at {}", printable(name, 100), place->second));
    return {};
}

Result<void> Loader::read_score(const IniEntry& entry) {
    if (auto noted = note_place("scores." + entry.key, entry); !noted) return noted;
    const auto score = parse_value<Threshold>(entry.value);
    if (!score) return fail(score.error().what);
    configuration_.scores.push_back(
        {entry.key, score->value == Threshold::kOff ? 0 : score->value, entry.where()});
    return {};
}

Result<void> Loader::read(const IniEntry& entry) {
    if (entry.section == "scores") return read_score(entry);
    for (const auto& [prefix, scoped] : {std::pair{"domain.", &domains_}, {"user.", &users_}}) {
        if (!entry.section.starts_with(prefix)) continue;
        const std::string name = lower(entry.section.substr(std::string_view(prefix).size()));
        (*scoped)[name].push_back(&entry);
        return note_place(prefix + name + "." + entry.key, entry);
    }
    const std::string name = entry.section + "." + entry.key;
    if (!table_.knows(name)) {
        const auto& rows = table_.rows();
        const bool knows_section = std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
            return row.name.starts_with(entry.section + ".");
        });
        if (!knows_section)
            return fail(fmt::format("unknown section [{}]", printable(entry.section, 60)));
        return fail(fmt::format("unknown key '{}' in [{}]; see cordon.conf(5)",
                                printable(entry.key, 60), entry.section));
    }
    if (auto noted = note_place(name, entry); !noted) return noted;
    if (auto assigned = table_.assign(name, entry.value); !assigned)
        return wrap(name, assigned.error());
    return {};
}

Result<void> Loader::read_scoped(const Scoped& sections, bool is_user) {
    Policy scratch;
    const auto table = OptionTable::of(scratch);
    for (const auto& [name, entries] : sections) {
        const auto at_sign = name.rfind('@');
        const bool is_domain = !name.empty() && at_sign == std::string::npos;
        if (is_user ? !is_mailbox(name) : !is_domain)
            return fail(fmt::format("{}: [{}] wants {}", entries.front()->where(),
                                    entries.front()->section,
                                    is_user ? "user.NAME@DOMAIN" : "domain.NAME"));
        const Policy* base =
            is_user ? configuration_.policy.domain(name.substr(at_sign + 1)) : nullptr;
        scratch = base != nullptr ? *base : configuration_.policy.site;
        for (const auto* entry : entries) {
            if (!table.knows(entry->key))
                return fail(fmt::format("{}: unknown key '{}' in [{}]; see cordon.conf(5)",
                                        entry->where(), printable(entry->key, 60), entry->section));
            if (auto assigned = table.assign(entry->key, entry->value); !assigned)
                return wrap(entry->where(), assigned.error());
        }
        if (const auto checked = check_policy(scratch); !checked)
            return wrap(entries.front()->where(), checked.error());
        is_user ? configuration_.policy.set_user(name, scratch)
                : configuration_.policy.set_domain(name, scratch);
    }
    return {};
}

Result<void> Loader::check() const {
    const auto& c = configuration_;
    const auto in_range = [](unsigned value, unsigned most) { return value >= 1 && value <= most; };
    for (const auto& [key, path] : {std::pair{"cordon.state-directory", &c.cordon.state_directory},
                                    {"cordon.run-directory", &c.cordon.run_directory}}) {
        if (!path->starts_with('/'))
            return at({key},
                      fmt::format("{}: '{}' is not an absolute path", key, printable(*path, 60)));
    }
    if (!in_range(c.milter.processes, 64))
        return at({"milter.processes"}, "milter.processes must be 1 to 64");
    if (!in_range(c.scanner.workers, 256))
        return at({"scanner.workers"}, "scanner.workers must be 1 to 256");
    if (c.scanner.timeout.value.count() == 0)
        return at({"scanner.timeout"}, "scanner.timeout must not be 0");
    if (c.milter.max_message_size.value < 65536)
        return at({"milter.max-message-size"}, "milter.max-message-size must be at least 64K");
    const auto needed = 2 * c.scanner.timeout.value + c.dns.timeout.value;
    if (needed > c.milter.deadline.value)
        return at(
            {"milter.deadline", "scanner.timeout", "dns.timeout"},
            fmt::format("2 x scanner.timeout + dns.timeout is {}, more than milter.deadline ({}): "
                        "raise the deadline or lower the timeouts",
                        to_text(Duration{needed}), to_text(c.milter.deadline)));
    if (const auto& mailbox = c.quarantine.mailbox; !mailbox.empty() && !is_mailbox(mailbox))
        return at({"quarantine.mailbox"}, fmt::format("quarantine.mailbox: '{}' is not an address",
                                                      printable(mailbox, 60)));
    if (const auto checked = check_policy(c.policy.site); !checked)
        return at({"policy.tag", "policy.quarantine", "policy.reject"}, checked.error().what);
    return {};
}

Result<void> Loader::load(const std::vector<IniEntry>& entries) {
    for (const auto& entry : entries) {
        if (auto done = read(entry); !done) return wrap(entry.where(), done.error());
    }
    if (auto done = check(); !done) return done;
    if (auto done = read_scoped(domains_, false); !done) return done;
    return read_scoped(users_, true);
}

/// A line that reads back: only a value that begins with '#' would be taken for a comment after a
/// blank.
std::string key_line(std::string_view key, std::string_view value) {
    return fmt::format("{} ={}{}\n", key, value.starts_with('#') ? "" : " ", value);
}

/// The entries as one text.
std::string effective_text(const std::vector<IniEntry>& entries) {
    std::string out;
    std::string section;
    for (const auto& entry : entries) {
        if (entry.section != section || out.empty()) out += fmt::format("[{}]\n", entry.section);
        section = entry.section;
        out += key_line(entry.key, entry.value);
    }
    return out;
}

Result<ConfigurationPtr> build(const std::vector<IniEntry>& entries) {
    auto configuration = std::make_shared<Configuration>();
    Loader loader(*configuration);
    if (const auto loaded = loader.load(entries); !loaded) return tl::unexpected(loaded.error());
    if (configuration->cordon.authserv_id.empty()) {
        std::array<char, HOST_NAME_MAX + 1> name{};
        configuration->cordon.authserv_id =
            ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
    }
    configuration->text = effective_text(entries);
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

std::string Configuration::socket_path(std::string_view name) const {
    return fmt::format("{}/{}.sock", cordon.run_directory, name);
}

std::vector<std::string> Configuration::rule_directories() const {
    std::vector<std::string> out;
    std::set<std::string> seen;  // the site's folder may well be the shipped one
    for (const auto& path : {rules.shipped.empty() ? shipped_rules() : rules.shipped, rules.path}) {
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
    return build(*entries);
}

Result<ConfigurationPtr> parse_configuration(std::string_view text, const std::string& file_name) {
    const auto entries = parse_ini(text, file_name);
    if (!entries) return tl::unexpected(entries.error());
    return build(*entries);
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
    // What follows the table as it was written: one section a domain or user, scores by rule.
    std::string rest;
    bool is_scoped = false;
    for (const auto line : split(configuration.text, '\n')) {
        if (line.starts_with('['))
            is_scoped =
                line.starts_with("[domain.") || line.starts_with("[user.") || line == "[scores]";
        if (is_scoped && !line.empty())
            rest += fmt::format("{}{}\n", line.starts_with('[') ? "\n" : "", line);
    }
    return out + rest;
}

}  // namespace cordon
