// SPDX-License-Identifier: GPL-2.0-only
#include "conf/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conf/allowed_senders.h"
#include "conf/base/mail_address.h"
#include "conf/base/server_url.h"
#include "conf/base/text.h"
#include "conf/dns_lists.h"
#include "conf/store_url.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxContactBytes = 200;
constexpr std::uint64_t kLeastHistory = 1U << 20U;

Result<void> check_policy(const Policy& policy) {
    if (policy.tag.value > policy.quarantine.value || policy.quarantine.value > policy.reject.value)
        return fail(
            fmt::format("scores must rise from tag ({}) over quarantine ({}) to reject ({})",
                        to_text(policy.tag), to_text(policy.quarantine), to_text(policy.reject)));
    const bool is_plain = std::all_of(policy.contact.begin(), policy.contact.end(),
                                      [](char c) { return c > ' ' && c < 0x7F; });
    if (!is_plain || policy.contact.size() > kMaxContactBytes)
        return fail(
            fmt::format("contact: '{}' is no URL or address without blanks, of at most {} "
                        "bytes",
                        printable(policy.contact, 60), kMaxContactBytes));
    return {};
}

std::string section_key(bool is_user, std::string_view name) {
    return is_user ? "user." + mailbox_key(name) : "domain." + domain_key(name);
}

}  // namespace

Loader::Loader(Configuration& configuration, const ListSource& lists)
    : configuration_(configuration), lists_(lists), table_(OptionTable::of(configuration)) {}

Result<void> Loader::at(const std::vector<std::string>& keys, const std::string& message) const {
    for (const auto& key : keys) {
        const auto place = configuration_.places.find(key);
        if (place != configuration_.places.end()) return fail(place->second + ": " + message);
    }
    return fail(message);
}

Result<void> Loader::note_place(const std::string& name, const IniEntry& entry) {
    const auto [place, is_new] = configuration_.places.emplace(name, entry.where());
    if (!is_new)
        return fail(fmt::format("{} was set already at {}", printable(name, 100), place->second));
    return {};
}

Result<void> Loader::read_score(const IniEntry& entry, std::vector<ScoreEntry>& scores) {
    if (auto noted = note_place(entry.section + "." + entry.key, entry); !noted) return noted;
    const auto score = parse_value<Threshold>(entry.value);
    if (!score) return fail(score.error().what);
    scores.push_back(
        {entry.key, score->value == Threshold::kOff ? 0 : score->value, entry.where()});
    return {};
}

Result<void> Loader::read_signature(const IniEntry& entry) {
    if (auto noted = note_place("signatures." + entry.key, entry); !noted) return noted;
    auto made = parse_signature(entry.key, entry.value);
    if (!made) return fail(made.error().what);
    const auto rule = rule_name(*made);
    for (const auto& known : configuration_.signatures)
        if (rule_name(known) == rule)
            return fail(fmt::format("{} and {} would be the same rule, {}", made->pattern,
                                    known.pattern, rule));
    configuration_.signatures.push_back(std::move(*made));
    return {};
}

Result<void> Loader::read_dns_list(const IniEntry& entry) {
    const auto name = lower(entry.section.substr(std::string_view("dnsbl.").size()));
    auto& lists = configuration_.dns_lists;
    auto list = std::find_if(lists.begin(), lists.end(),
                             [&](const auto& known) { return known.name == name; });
    if (list == lists.end()) {
        list = lists.insert(lists.end(), DnsListOptions{});
        list->name = name;
        list->looks_at.value = {"client"};
        list->where = entry.where();
    }
    const auto table = OptionTable::of(*list);
    if (!table.knows(entry.key))
        return fail(fmt::format("unknown key '{}' in [{}]; see cordon.conf(5)",
                                printable(entry.key, 60), printable(entry.section, 60)));
    if (auto noted = note_place("dnsbl." + name + "." + entry.key, entry); !noted) return noted;
    if (auto assigned = table.assign(entry.key, entry.value); !assigned)
        return wrap(entry.key, assigned.error());
    return {};
}

Result<void> Loader::check_dns_lists() const {
    for (const auto& list : configuration_.dns_lists)
        if (auto checked = check_dns_list(list); !checked)
            return fail(fmt::format("{}: [dnsbl.{}]: {}", list.where, printable(list.name, 60),
                                    checked.error().what));
    return {};
}

Result<void> Loader::read(const IniEntry& entry) {
    if (entry.section.starts_with("dnsbl.")) return read_dns_list(entry);
    if (entry.section == "scores") return read_score(entry, configuration_.scores);
    if (entry.section == "signatures") return read_signature(entry);
    if (entry.section == "shadow-scores") return read_score(entry, configuration_.shadow_scores);
    for (const auto& [prefix, scoped] : {std::pair{"domain.", &domains_}, {"user.", &users_}}) {
        if (!entry.section.starts_with(prefix)) continue;
        const auto name = entry.section.substr(std::string_view(prefix).size());
        const auto key = section_key(scoped == &users_, name);
        (*scoped)[key.substr(key.find('.') + 1)].push_back(&entry);
        return note_place(key + "." + entry.key, entry);
    }
    const std::string name = entry.section + "." + entry.key;
    if (!table_.knows(name)) {
        const auto& rows = table_.rows();
        const bool knows_section = std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
            return row.name.starts_with(entry.section + ".");
        });
        if (entry.section.empty())
            return fail(
                fmt::format("'{}' stands before the first [section]", printable(entry.key, 60)));
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

Result<std::shared_ptr<const AddressSet>> Loader::list_file(const std::string& path) {
    auto& set = sets_[path];
    if (set) return set;
    const auto words = lists_.addresses(path);
    if (!words) return tl::unexpected(words.error());
    auto made = std::make_shared<AddressSet>();
    for (const auto& word : *words) made->insert(address_entry_key(word));
    configuration_.lists["list:" + path] = *words;
    set = std::move(made);
    return set;
}

Result<void> Loader::read_list(AddressList& list, const std::string& key) {
    for (const auto& path : list.files()) {
        const auto set = list_file(path);
        if (!set) return at({key}, set.error().what);
        if (std::find(list.sets.begin(), list.sets.end(), *set) == list.sets.end())
            list.sets.push_back(*set);
    }
    return {};
}

Result<void> Loader::read_lists(Policy& p, const std::string& section) {
    for (const auto& [key, list] : {std::pair{".allow", &p.allow}, {".deny", &p.deny}})
        if (auto done = read_list(*list, section + key); !done) return done;
    auto& allowed = p.allow.sets;
    if (allowed_ && std::find(allowed.begin(), allowed.end(), allowed_) == allowed.end())
        allowed.push_back(allowed_);
    return {};
}

/// Under "list:" like the site's own, so that cordond watches it and roles are told.
Result<void> Loader::read_allowed() {
    const auto& c = configuration_;
    if (c.quarantine.mailbox.empty()) return {};
    const auto path = allowed_senders_file(c.cordon.state_directory);
    const auto words = lists_.allowed(path);
    if (!words) return tl::unexpected(words.error());
    auto made = std::make_shared<AddressSet>();
    for (const auto& word : *words) made->insert(mailbox_key(word));
    configuration_.lists["list:" + path] = *words;
    allowed_ = std::move(made);
    return {};
}

Result<void> Loader::read_aliases() {
    auto& map = configuration_.policy.address_map;
    for (const auto& path : map.files()) {
        const auto pairs = lists_.aliases(path);
        if (!pairs) return at({"cordon.address-map"}, pairs.error().what);
        for (const auto& pair : *pairs) map.add(pair);
        configuration_.lists["map:" + path] = *pairs;
    }
    return {};
}

Result<void> Loader::read_section(const std::string& section,
                                  const std::vector<const IniEntry*>& entries,
                                  const OptionTable& table) {
    for (const auto* entry : entries) {
        if (!table.knows(entry->key))
            return fail(fmt::format("{}: unknown key '{}' in [{}]; see cordon.conf(5)",
                                    entry->where(), printable(entry->key, 60),
                                    printable(entry->section, 100)));
        if (auto assigned = table.assign(entry->key, entry->value); !assigned)
            return wrap(entry->where(), assigned.error());
    }
    if (auto done = read_lists(scratch_, section); !done) return done;
    if (const auto checked = check_policy(scratch_); !checked)
        return wrap(entries.front()->where(), checked.error());
    return {};
}

Result<void> Loader::read_scoped(const Scoped& sections, bool is_user) {
    const auto table = OptionTable::of(scratch_);
    for (const auto& [name, entries] : sections) {
        const auto at_sign = name.rfind('@');
        const bool is_domain = !name.empty() && at_sign == std::string::npos;
        if (is_user ? !is_mailbox(name) : !is_domain)
            return fail(fmt::format("{}: [{}] wants {}", entries.front()->where(),
                                    printable(entries.front()->section, 100),
                                    is_user ? "user.NAME@DOMAIN" : "domain.NAME"));
        const Policy* base =
            is_user ? configuration_.policy.domain(name.substr(at_sign + 1)) : nullptr;
        scratch_ = base != nullptr ? *base : configuration_.policy.site;
        if (auto read = read_section((is_user ? "user." : "domain.") + name, entries, table); !read)
            return read;
        is_user ? configuration_.policy.set_user(name, scratch_)
                : configuration_.policy.set_domain(name, scratch_);
    }
    return {};
}

Result<void> Loader::check_paths() const {
    const auto& c = configuration_;
    for (const auto& [key, path] : {std::pair{"cordon.state-directory", &c.cordon.state_directory},
                                    {"cordon.run-directory", &c.cordon.run_directory}}) {
        if (!path->starts_with('/'))
            return at({key},
                      fmt::format("{}: '{}' is not an absolute path", key, printable(*path, 60)));
    }
    return {};
}

Result<void> Loader::check_names() const {
    const auto& c = configuration_;
    if (!c.cordon.authserv_id.empty() && !is_mailbox("x@" + c.cordon.authserv_id))
        return at({"cordon.authserv-id"}, fmt::format("cordon.authserv-id: '{}' is not a host name",
                                                      printable(c.cordon.authserv_id, 60)));
    for (const auto& domain : c.cordon.own_domains.value)
        if (!is_mailbox("x@" + domain) || domain.find("..") != std::string::npos)
            return at(
                {"cordon.own-domains"},
                fmt::format("cordon.own-domains: '{}' is not a domain", printable(domain, 60)));
    // Where mail arrives is not where people decide.
    if (iequals(c.quarantine.folder, "INBOX") || trim(c.quarantine.folder).empty())
        return at({"quarantine.folder"}, "quarantine.folder must be another folder than INBOX");
    return {};
}

Result<void> Loader::check_review() const {
    const auto& q = configuration_.quarantine;
    if (!q.imap_url.empty()) {
        const auto url = parse_server_url(q.imap_url);
        if (!url || (url->scheme != "imap" && url->scheme != "imaps"))
            return at({"quarantine.imap-url"},
                      fmt::format("quarantine.imap-url: '{}' is neither imaps://HOST nor "
                                  "imap://HOST",
                                  printable(q.imap_url, 60)));
        if (q.mailbox.empty() || q.imap_user.empty())
            return at({"quarantine.imap-url"},
                      "quarantine.imap-url needs quarantine.mailbox and quarantine.imap-user");
    }
    if (q.user_folders != UserFolders::none && q.imap_url.empty())
        return at({"quarantine.user-folders"}, "quarantine.user-folders needs quarantine.imap-url");
    if (q.release_via.empty()) return {};
    const auto url = parse_server_url(q.release_via);
    if (!url || url->scheme != "smtp")
        return at({"quarantine.release-via"},
                  fmt::format("quarantine.release-via: '{}' is not smtp://HOST:PORT",
                              printable(q.release_via, 60)));
    return {};
}

Result<void> Loader::check_upkeep() const {
    const auto& c = configuration_;
    if (c.history.max_size.value < kLeastHistory)
        return at({"history.max-size"}, "history.max-size must be at least 1M");
    if (c.milter.metrics.empty()) return {};
    const auto socket = parse_value<MilterSocket>(c.milter.metrics);
    if (!socket) return at({"milter.metrics"}, "milter.metrics: " + socket.error().what);
    const auto address = IpAddress::parse(socket->address);
    // Figures of a site are nobody else's, and the server speaks plain HTTP without a password.
    if (socket->family == MilterSocket::Family::unix_domain || !address || !address->is_loopback())
        return at({"milter.metrics"},
                  fmt::format("milter.metrics: '{}' is not on loopback: inet:PORT@127.0.0.1 or "
                              "inet6:PORT@::1",
                              printable(c.milter.metrics, 60)));
    return {};
}

/// Of all sections, once they are read.
Result<void> Loader::check_digest() const {
    const auto& q = configuration_.quarantine;
    if (!q.digest_address.empty() && !is_mailbox(q.digest_address))
        return at({"quarantine.digest-address"},
                  fmt::format("quarantine.digest-address: '{}' is not an address",
                              printable(q.digest_address, 60)));
    if (!q.mailbox.empty() && !q.release_via.empty()) return {};
    constexpr auto kMissing = "digest = yes needs quarantine.mailbox and quarantine.release-via";
    if (configuration_.policy.site.digest) return at({"policy.digest"}, kMissing);
    Result<void> out;
    configuration_.policy.for_each([&](const std::string& section, const Policy& policy) {
        if (policy.digest && out) out = at({section + ".digest"}, kMissing);
    });
    return out;
}

Result<void> Loader::check() const {
    const auto& c = configuration_;
    if (const auto store = parse_store_url(c.learning.store); !store)
        return at({"learning.store"}, "learning.store: " + store.error().what);
    const auto in_range = [](unsigned value, unsigned most) { return value >= 1 && value <= most; };
    if (auto done = check_paths(); !done) return done;
    if (auto done = check_names(); !done) return done;
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
    if (auto done = check_review(); !done) return done;
    if (auto done = check_upkeep(); !done) return done;
    if (const auto checked = check_policy(c.policy.site); !checked)
        return at({"policy.tag", "policy.quarantine", "policy.reject", "policy.contact"},
                  checked.error().what);
    return {};
}

Result<void> Loader::load(const std::vector<IniEntry>& entries) {
    for (const auto& entry : entries) {
        if (auto done = read(entry); !done) return wrap(entry.where(), done.error());
    }
    auto& site = configuration_.policy.site;
    site.mode = configuration_.milter.mode;
    if (auto done = read_allowed(); !done) return done;
    if (auto done = read_lists(site, "policy"); !done) return done;
    if (auto done = read_aliases(); !done) return done;
    if (auto done =
            read_list(configuration_.quarantine.digest_exclude, "quarantine.digest-exclude");
        !done)
        return done;
    if (auto done = check(); !done) return done;
    if (auto done = check_dns_lists(); !done) return done;
    if (auto done = read_scoped(domains_, false); !done) return done;
    if (auto done = read_scoped(users_, true); !done) return done;
    return check_digest();
}

}  // namespace cordon
