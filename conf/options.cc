// SPDX-License-Identifier: GPL-2.0-only
#include "conf/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>

#include "conf/base/text.h"

namespace cordon {

namespace po = boost::program_options;

namespace {

/// Reads every type by parse_value(): Boost's own readers take "-1" for a count and "" for yes.
template <typename T>
class Value : public po::typed_value<T> {
 public:
    using po::typed_value<T>::typed_value;
    void xparse(boost::any& out, const std::vector<std::string>& texts) const override {
        validate(out, texts, static_cast<T*>(nullptr), 0);
    }
};

}  // namespace

template <typename T>
void OptionTable::add(const char* name, T& member, const char* value_name, const char* help) {
    auto value = std::make_unique<Value<T>>(&member);
    value->value_name(value_name);
    options_->add_options()(name, value.release(), help);  // which owns it from here
    rows_.push_back({name, value_name, help, [&member] { return to_text(member); }});
}

void OptionTable::add_policy(Policy& p, const std::string& prefix) {
    const auto row = [this, &prefix](const char* key, auto& member, const char* value_name,
                                     const char* help) {
        add((prefix + key).c_str(), member, value_name, help);
    };
    row("tag", p.tag, "SCORE", "From this score on mail is delivered with X-Spam-Flag: YES.");
    row("quarantine", p.quarantine, "SCORE", "From this score on mail is held in the quarantine.");
    row("reject", p.reject, "SCORE", "From this score on mail is refused with 550.");
    row("virus", p.virus, "ACTION", "What happens to mail in which libclamav names a virus.");
    row("scan-failed", p.scan_failed, "ACTION",
        "What happens when a scan failed by our fault: I/O error, no database, no worker.");
    row("unscanned", p.unscanned, "ACTION",
        "What happens when a message could not be read in full: limits, damage, deadline, "
        "a failing parser.");
    row("encrypted", p.encrypted, "ACTION", "What happens to password-protected content.");
    row("oversize", p.oversize, "ACTION",
        "What happens to mail over milter.max-message-size, judged on its first part.");
    row("allow", p.allow, "ADDRESSES",
        "Authors (addresses or domains) never held for their score; counts only for an "
        "authenticated From, and never switches the virus scan off.");
    row("deny", p.deny, "ADDRESSES", "Authors (addresses or domains) whose mail is held.");
    row("blocked-files", p.blocked_files, "LIST",
        "Extensions and media types of files, also inside archives, whose mail meets the action "
        "blocked: exe, .iso, application/java-archive, image/*.");
    row("blocked", p.blocked, "ACTION", "What happens to mail with a file of blocked-files.");
    row("scores", p.scores, "SCORES", "Scores of rules for these recipients, over [scores].");
    row("shadow-thresholds", p.shadow_thresholds, "SCORE SCORE SCORE",
        "Other scores for tag, quarantine and reject on trial: the log tells what they would "
        "have done.");
    row("contact", p.contact, "URL",
        "Where a sender can turn to; it stands in the text of a refusal.");
    row("digest", p.digest, "yes|no",
        "Tell recipients once a day by mail what is held for them; leave it off for lists and "
        "catch-all addresses.");
    row("language", p.language, "en|de", "Language of the mail that Cordon writes to recipients.");
    row("learning", p.learning, "WHO",
        "Whose decisions about held mail of these recipients are learned from: nobody, reviewers, "
        "or users (also their own).");
}

OptionTable OptionTable::of(Policy& policy) {
    OptionTable table;
    table.options_ = std::make_shared<po::options_description>();
    table.add_policy(policy, "");
    table.add("mode", policy.mode, "MODE",  // of the site: milter.mode
              "enforce, tag-only or shadow for these recipients.");
    return table;
}

void OptionTable::add_daemon(Configuration& c) {
    add("cordon.state-directory", c.cordon.state_directory, "DIR",
        "Where the vault and other durable state lie.");
    add("cordon.run-directory", c.cordon.run_directory, "DIR",
        "Where the sockets between the processes lie.");
    add("cordon.user", c.cordon.user, "USER",
        "The account that all roles run under when cordond starts as root.");
    add("cordon.authserv-id", c.cordon.authserv_id, "NAME",
        "Our name in Authentication-Results (RFC 8601); the host's name when empty.");
    add("cordon.own-domains", c.cordon.own_domains, "LIST",
        "Domains whose mail this server receives.");
    add("cordon.own-networks", c.cordon.own_networks, "LIST",
        "Networks whose mail counts as outbound, like authenticated mail.");
    add("cordon.trusted-relays", c.cordon.trusted_relays, "LIST",
        "Backup MXs and forwarders: what would be refused is held instead.");
    add("cordon.address-map", c.policy.address_map, "LIST",
        "Aliases that only the MTA knows, so that the policy of the address behind them counts: "
        "file:/path in the form of Postfix's virtual(5), or ADDRESS=ADDRESS.");
    add("cordon.recipient-delimiter", c.policy.recipient_delimiter, "CHARACTERS",
        "Each of these begins an extension of a local part, as in alice+lists@example.org.");
    add("log.target", c.log.target, "TARGET", "stderr, syslog or journal.");
    add("log.format", c.log.format, "FORMAT", "text (key=value) or json.");
    add("log.level", c.log.level, "LEVEL", "debug, info, warn or error.");
    add("milter.socket", c.milter.socket, "SOCKET",
        "Where the MTA reaches Cordon: unix:/path, inet:PORT@127.0.0.1 or inet6:PORT@::1.");
    add("milter.socket-group", c.milter.socket_group, "GROUP",
        "Group of the unix socket: that of the MTA.");
    add("milter.socket-mode", c.milter.socket_mode, "MODE", "File mode of the unix socket.");
    add("milter.processes", c.milter.processes, "N",
        "Milter processes on the one listener (1 to 64).");
    add("milter.deadline", c.milter.deadline, "TIME",
        "Bound of one end of message; keep it under the MTA's content timeout.");
    add("milter.idle-timeout", c.milter.idle_timeout, "TIME",
        "How long the MTA may be silent on a connection.");
    add("milter.max-message-size", c.milter.max_message_size, "SIZE",
        "A larger message is judged on its first part, with the reason oversize.");
    add("milter.memory", c.milter.memory, "SIZE",
        "Memory for messages in flight, per process; above it they go to files in the state "
        "directory.");
    add("milter.on-error", c.milter.on_error, "defer|accept",
        "The answer when Cordon itself fails.");
    add("milter.mode", c.milter.mode, "MODE",
        "enforce, tag-only (viruses enforced) or shadow (judge and log, touch nothing).");
    add("milter.metrics", c.milter.metrics, "SOCKET",
        "Where metrics are read over HTTP: inet:PORT@127.0.0.1 or inet6:PORT@::1, loopback only; "
        "the unix socket metrics.sock in cordon.run-directory when empty.");
}

void OptionTable::add_scanning(Configuration& c) {
    add("scanner.workers", c.scanner.workers, "N", "Workers in each pool (1 to 256).");
    add("scanner.timeout", c.scanner.timeout, "TIME", "Bound of one attempt to scan a message.");
    add("scanner.memory-limit", c.scanner.memory_limit, "SIZE",
        "Memory of one worker beyond what it shares with the others.");
    add("clamav.enabled", c.clamav.enabled, "yes|no", "Scan with libclamav.");
    add("clamav.database", c.clamav.database, "DIR", "Directory of the signature database.");
    add("clamav.scan", c.clamav.scan, "MODE",
        "parts (decoded by Cordon, and the message as it stands but for the middle of long base64 "
        "that is shown decoded), whole (by libclamav's mail parser) or both.");
    add("clamav.reload", c.clamav.reload, "MODE",
        "How a changed database is taken: concurrent (the old workers serve until the new ones "
        "have proved "
        "themselves) or in-place (one database in memory at a time; mail waits while it loads, and "
        "is "
        "deferred when that takes longer than the scan may).");
    add("dns.servers", c.dns.servers, "LIST",
        "Name servers, each ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT; system: those of "
        "/etc/resolv.conf; none: no lookups at all.");
    add("dns.timeout", c.dns.timeout, "TIME",
        "Bound of the lookups of one message, counted from when its content is known.");
}

void OptionTable::add_authentication(Configuration& c) {
    add("auth.trusted-sealers", c.auth.trusted_sealers, "LIST",
        "Forwarders (domains of ARC seals) whose word explains a failure of DMARC.");
    add("auth.honour-dmarc-reject", c.auth.honour_dmarc_reject, "yes|no",
        "Refuse mail that fails DMARC where the author's domain asks for p=reject.");
    add("auth.keep-local-results", c.auth.keep_local_results, "yes|no",
        "Leave Authentication-Results of our authserv-id: a milter before us writes them, and "
        "removes forged ones.");
}

void OptionTable::add_keeping(Configuration& c) {
    add("quarantine.mailbox", c.quarantine.mailbox, "ADDRESS",
        "Held mail is redirected to this mailbox; without one, quarantine acts as tag.");
    add("quarantine.imap-url", c.quarantine.imap_url, "URL",
        "IMAP server of the quarantine mailbox: imaps://host:port.");
    add("quarantine.imap-user", c.quarantine.imap_user, "USER", "Login name for it.");
    add("quarantine.imap-password-file", c.quarantine.imap_password_file, "FILE",
        "File with its password, one line; read by cordond, as root where that is who it runs as.");
    add("quarantine.imap-ca-file", c.quarantine.imap_ca_file, "FILE",
        "Certificate authorities (PEM) that its certificate is checked against; the system's when "
        "empty.");
    add("quarantine.imap-plaintext", c.quarantine.imap_plaintext, "yes|no",
        "Whether the password may go in clear to another host that offers no TLS.");
    add("quarantine.folder", c.quarantine.folder, "NAME",
        "Folder in which people review held mail.");
    add("quarantine.release-via", c.quarantine.release_via, "URL",
        "Listener for released mail: smtp://127.0.0.1:10035.");
    add("quarantine.vault", c.quarantine.vault, "DIR",
        "Where held mail lies; STATE-DIRECTORY/vault when empty.");
    add("quarantine.vault-max", c.quarantine.vault_max, "SIZE",
        "Size of the vault at which holding counts as failed.");
    add("quarantine.on-store-failure", c.quarantine.on_store_failure, "ACTION",
        "tempfail, hold (in the MTA's hold queue) or redirect (without a vault copy).");
    add("quarantine.redirect-also-delete", c.quarantine.redirect_also_delete, "LIST",
        "Addresses to which the MTA itself copies mail (always_bcc): deleted too when every "
        "recipient is held.");
    add("quarantine.unseen-append", c.quarantine.unseen_append, "TIME",
        "Held mail that has not arrived in the mailbox by itself after this is put there.");
    add("quarantine.retention", c.quarantine.retention, "TIME", "How long held mail is kept.");
    add("quarantine.seal-key-file", c.quarantine.seal_key_file, "FILE",
        "Key that seals held mail; STATE-DIRECTORY/seal.key when empty.");
    add("quarantine.allow-time", c.quarantine.allow_time, "TIME",
        "How long an author stays allowed whose mail was released with Release and allow.");
    add("quarantine.digest-time", c.quarantine.digest_time, "HH:MM",
        "When digests are sent, to those whose policy says digest = yes.");
    add("quarantine.digest-address", c.quarantine.digest_address, "ADDRESS",
        "Where answers to digests go, an address that the MTA accepts; quarantine.mailbox when "
        "empty.");
    add("quarantine.digest-exclude", c.quarantine.digest_exclude, "ADDRESSES",
        "Addresses and domains that get no digest whatever their policy says: lists, catch-alls.");
    add("quarantine.user-folders", c.quarantine.user_folders, "none|shared",
        "shared: held mail also lies in FOLDER/Users/ADDRESS, which its recipient alone may see "
        "and "
        "release from; the IMAP server must know ACLs (RFC 4314).");
    add("quarantine.user-login", c.quarantine.user_login, "address|local-part",
        "The name by which the IMAP server knows a recipient.");
    add("learning.store", c.learning.store, "local|URL",
        "local; redis://HOST:PORT/DB or unix:/PATH (Redis or Valkey) to share it among hosts.");
    add("learning.store-password-file", c.learning.store_password_file, "FILE",
        "File with the password of that store.");
    add("learning.automatic", c.learning.automatic, "yes|no", "Learn from very clear verdicts.");
    add("learning.correspondents", c.learning.correspondents, "yes|no",
        "Remember whom own users write to, and how authenticated senders behaved.");
    add("history.retention", c.history.retention, "TIME",
        "How long the evidence of each verdict is kept for cordon history and cordon replay; 0: "
        "none is kept.");
    add("history.max-size", c.history.max_size, "SIZE",
        "Size of the history at which its oldest part is forgotten earlier.");
    add("rules.shipped", c.rules.shipped, "DIR", "Folder of the shipped rules.");
    add("rules.path", c.rules.path, "DIR", "Folder of the site's own rules.");
}

OptionTable OptionTable::of(DnsListOptions& list) {
    OptionTable table;
    table.options_ = std::make_shared<po::options_description>();
    table.add("enabled", list.is_enabled, "yes|no", "Ask this list.");
    table.add("zone", list.zone, "DOMAIN", "Where it answers; {key} stands for the key.");
    table.add("key-file", list.key_file, "FILE", "File with the key of a list for subscribers.");
    table.add("looks-at", list.looks_at, "LIST",
              "What is looked up: client, received, helo, sender, url, email; client unless set.");
    table.add("score", list.score, "SCORE",
              "Score of DNSBL_NAME; negative for a list of good ones.");
    table.add("answers", list.answers, "LIST",
              "Answers that count, each ADDRESS, RANGE or NETWORK, with :LABEL:SCORE.");
    table.add("hash", list.hash, "NAME", "Of addresses: md5, sha1 or sha256.");
    return table;
}

OptionTable OptionTable::of(Configuration& configuration) {
    OptionTable table;
    table.options_ = std::make_shared<po::options_description>();
    table.add_daemon(configuration);
    table.add_scanning(configuration);
    table.add_authentication(configuration);
    table.add_policy(configuration.policy.site, "policy.");
    table.add_keeping(configuration);
    return table;
}

Result<void> OptionTable::assign(const std::string& name, const std::string& value) const {
    po::parsed_options parsed(options_.get());
    parsed.options.emplace_back(name, std::vector<std::string>{value});
    try {
        po::variables_map values;
        po::store(parsed, values);
        po::notify(values);
    } catch (const std::exception& error) {  // refuse_value(): a sentence of our own
        return fail(error.what());
    }
    return {};
}

bool OptionTable::knows(const std::string& name) const {
    return std::any_of(rows_.begin(), rows_.end(),
                       [&](const auto& row) { return row.name == name; });
}

namespace {

template <typename Each>
void for_each_row(Each each) {
    Configuration defaults;
    const auto table = OptionTable::of(defaults);
    std::string section;
    for (const auto& row : table.rows()) {
        const auto dot = row.name.find('.');
        const bool is_new_section = row.name.substr(0, dot) != section;
        section = row.name.substr(0, dot);
        each(is_new_section ? section : std::string(), row.name.substr(dot + 1), row);
    }
}

}  // namespace

std::string options_manual() {
    std::string out;
    for_each_row([&out](const auto& section, const auto& key, const OptionRow& row) {
        if (!section.empty())
            out += fmt::format("{}.Ss [{}]\n.Bl -tag -width Ds\n", out.empty() ? "" : ".El\n",
                               section);
        out += fmt::format(".It Cm {} No = Ar {}\n{}\n", key, row.value_name, mdoc_text(row.help));
        if (const auto value = row.show(); !value.empty())
            out += fmt::format("The default is\n.Ql {} .\n", mdoc_text(value));
    });
    return out + ".El\n";
}

std::string options_help() {
    std::string out;
    for_each_row([&out](const auto& section, const auto& key, const OptionRow& row) {
        if (!section.empty()) out += fmt::format("\n[{}]\n", section);
        out += fmt::format("  {} = {}\n      {}\n", key, row.value_name, row.help);
        if (const auto value = row.show(); !value.empty())
            out += fmt::format("      default: {}\n", value);
    });
    return out;
}

}  // namespace cordon
