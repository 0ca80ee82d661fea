// SPDX-License-Identifier: GPL-2.0-only
// The configuration as an immutable snapshot. It is read and checked once, by cordond; every role
// gets the same effective text and reads it with the same code. Defaults are the initialisers here;
// names, types and words are rows of the table in conf/options.cc.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "conf/base/result.h"
#include "conf/ini.h"
#include "conf/lookup_options.h"
#include "conf/policy.h"
#include "conf/quarantine_options.h"
#include "conf/signature_map.h"
#include "conf/values.h"

namespace cordon {

struct CoreOptions {
    std::string state_directory = "/var/lib/cordon";
    std::string run_directory = "/run/cordon";
    std::string user = "cordon";
    std::string authserv_id;  // empty: the host's name
    WordList own_domains;
    NetworkList own_networks;
    NetworkList trusted_relays;
};

struct LogOptions {
    LogTarget target = LogTarget::standard_error;
    LogFormat format = LogFormat::text;
    LogLevel level = LogLevel::info;
};

struct MilterOptions {
    MilterSocket socket{MilterSocket::Family::unix_domain, "/var/spool/postfix/cordon/milter.sock",
                        "", 0};
    std::string socket_group;
    FileMode socket_mode{0660};
    unsigned processes = 2;
    Duration deadline{Milliseconds(60'000)};
    Duration idle_timeout{Milliseconds(7'210'000)};
    ByteSize max_message_size{50U << 20U};
    ByteSize memory{256U << 20U};
    OnError on_error = OnError::defer;
    Mode mode = Mode::enforce;
    std::string metrics;  // empty: a unix socket, RUN-DIRECTORY/metrics.sock
};

struct ScannerSection {
    unsigned workers = 4;
    Duration timeout{Milliseconds(20'000)};
    ByteSize memory_limit{1U << 30U};
};

struct ClamavOptions {
    bool enabled = true;
    std::string database = "/var/lib/clamav";
    ScanMode scan = ScanMode::parts;
    ReloadMode reload = ReloadMode::concurrent;
};

struct LearningOptions {
    std::string store = "local";  // a StoreUrl
    std::string store_password_file;
    bool automatic = false;
    bool correspondents = true;
};

struct HistoryOptions {
    Duration retention{Milliseconds(30ULL * 86'400'000)};  // 0: none is kept
    ByteSize max_size{1ULL << 30U};
};

struct RulesOptions {
    std::string shipped;  // empty: beside the programs, else the installed ones
    std::string path = "/etc/cordon/rules";
};

struct ScoreEntry {
    std::string rule;
    double score = 0;
    std::string where;
};

struct Configuration {
    CoreOptions cordon;
    LogOptions log;
    MilterOptions milter;
    ScannerSection scanner;
    ClamavOptions clamav;
    DnsOptions dns;
    AuthOptions auth;
    std::vector<DnsListOptions> dns_lists;
    QuarantineOptions quarantine;
    LearningOptions learning;
    HistoryOptions history;
    RulesOptions rules;
    PolicyTable policy;
    std::vector<ScoreEntry> scores;
    std::vector<ScoreEntry> shadow_scores;
    SignatureMap signatures;
    std::map<std::string, std::string, std::less<>> places;  // "section.key" -> FILE:LINE
    /// What list files hold: "list:/path" -> entries, "map:/path" -> "FROM=TO".
    std::map<std::string, std::vector<std::string>, std::less<>> lists;
    std::string text;  // the effective text: parse_configuration(text) gives this again

    std::string vault_directory() const;
    /// Whether cordon-review has anything to do.
    bool has_review() const {
        return !quarantine.imap_url.empty() || !quarantine.release_via.empty();
    }
    std::string learning_directory() const;  // STATE-DIRECTORY/learning
    std::string history_path() const;        // STATE-DIRECTORY/history.db
    std::string live_table_path() const;     // RUN-DIRECTORY/weights: the classifier's table
    std::string socket_path(std::string_view name) const;  // RUN-DIRECTORY/NAME.sock
    /// Folders with rule files: the shipped one even where it is missing, then the site's.
    std::vector<std::string> rule_directories() const;
};

using ConfigurationPtr = std::shared_ptr<const Configuration>;

/// Errors read "FILE:LINE: message" where a line is to blame.
Result<ConfigurationPtr> load_configuration(const std::string& path);
Result<ConfigurationPtr> parse_configuration(std::string_view text, const std::string& file_name);

/// The same configuration with its list files read again.
Result<ConfigurationPtr> reload_lists(const Configuration& configuration);

/// Every effective value, in the syntax of the file.
std::string show_configuration(const Configuration& configuration);

}  // namespace cordon
