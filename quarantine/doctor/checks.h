// SPDX-License-Identifier: GPL-2.0-only
// The families of checks of `cordon doctor`. Each adds its findings; none changes anything.
#pragma once

#include "conf/base/clock.h"
#include "conf/configuration.h"
#include "quarantine/doctor/finding.h"
#include "quarantine/doctor/postfix_config.h"
#include "quarantine/doctor/sendmail_config.h"
#include "scoring/lookups/dns.h"

namespace cordon {

struct KeepingStatus;
struct ReviewStatus;

/// How Postfix is wired to the socket of the configuration. Files only.
void check_postfix(const Configuration& c, const PostfixConfig& postfix, Findings& out);
/// The listener that takes released mail back (quarantine.release-via).
void check_release(const Configuration& c, const PostfixConfig& postfix, Findings& out);
void check_sendmail(const Configuration& c, const SendmailConfig& sendmail, Findings& out);
void check_sendmail_release(const Configuration& c, const SendmailConfig& sendmail, Findings& out);

/// The socket itself: there, reachable for the account of the MTA, answering.
void check_socket(const Configuration& c, const std::string& mta_user, Findings& out);
/// Daemon, state directory, disk, clock.
void check_host(const Configuration& c, std::int64_t now, Findings& out);
/// The signature database: there, and how old by its own word.
void check_signatures(const Configuration& c, std::int64_t now, Findings& out);

/// The quarantine mailbox and the way into it.
void check_review(const Configuration& c, std::int64_t now, Findings& out);
Findings review_findings(const ReviewStatus& status, const Configuration& c, std::int64_t now);
/// The vault, releases and expiry.
void check_keeping(const Configuration& c, Findings& out);
Findings keeping_findings(const KeepingStatus& status);
/// The name servers: reached, honest about names that do not exist, ours alone; and whether each
/// list that is enabled answers as RFC 5782 section 5 wants it to. Waits until `deadline`.
void check_lookups(const Configuration& c, const ResolverPtr& resolver, Deadline deadline,
                   Findings& out);
/// `text` of read_layers() (scoring/scanner/launch.h).
void check_layers(std::string_view text, Findings& out);

/// How an MTA sees unix paths: relative ones from `root`, and all of them when it is chrooted
/// there.
struct PathView {
    std::string root;
    bool is_chrooted = false;
};

/// Does "unix:cordon/milter.sock", "local:/run/…", "inet:127.0.0.1:8899" mean this socket of ours?
bool is_our_socket(const MilterSocket& ours, std::string_view theirs, const PathView& view);

/// The time in the first line of a .cvd or .cld file, "ClamAV-VDB:24 Nov 2026 08-33 +0000:…"; 0
/// when there is none.
std::int64_t signature_time(std::string_view head);

}  // namespace cordon
