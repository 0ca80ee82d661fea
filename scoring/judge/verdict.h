// SPDX-License-Identifier: GPL-2.0-only
// Evidence (all that judge may look at), Verdict (what it makes of it) and Decision (one
// recipient's action). Judging and deciding are pure: same evidence, same verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conf/policy.h"
#include "scoring/analysis/analysis.h"
#include "scoring/lookups/authentication.h"
#include "scoring/rules/catalogue.h"
#include "scoring/store/recollection.h"

namespace cordon {

enum class Direction : std::uint8_t {
    inbound,
    outbound,  // authenticated, or from own networks
    relayed,   // from a trusted relay
};

struct Evidence {
    EnvelopeFacts envelope;
    Direction direction = Direction::inbound;
    std::optional<Analysis> content;           // absent: `unread` says why
    std::optional<AntivirusResult> antivirus;  // absent: switched off, or `unread` says why
    Authentication auth;
    bool is_own_author = false;               // From is of one of our domains
    std::optional<Recollection> memory = {};  // absent: nobody remembers, or not in time
    std::vector<Hit> lists;                   // of DNS lists
    std::vector<std::string> unknown;         // what could not be learned, "spf: no answer in time"
    std::vector<UnreadReason> unread;         // beside what the answers themselves say
};

struct ScoredHit {
    std::string rule;
    double score = 0;
    std::string detail;
    std::string describe;
    double trial_score = 0;  // by [shadow-scores]
};

struct Verdict {
    double score = 0;
    double learned = 0;  // the share of it that rests on learning: alone it never refuses mail
    std::vector<ScoredHit> hits;  // by weight, heaviest first
    std::string virus;
    std::vector<UnreadReason> unread;
    std::vector<std::string> unknown;  // names of what could not be learned
    std::vector<std::string> notes;    // sentences for the explanation
    Direction direction = Direction::inbound;

    bool is_unread(Unread kind) const;
};

/// Scores are the catalogue's; a hit that it doesn't know counts nothing and is shown with score 0.
Verdict judge(const Evidence& evidence, const Catalogue& catalogue);

/// The score of a verdict for recipients with scores of their own.
double score_for(const Verdict& verdict, const Policy& policy);
/// The same with [shadow-scores] on top.
double trial_score_for(const Verdict& verdict, const Policy& policy);

/// What a decision rests on: a refused sender is told.
enum class Cause : std::uint8_t {
    score,
    denied,
    virus,
    scan_failed,
    unscanned,
    encrypted,
    oversize
};

struct Decision {
    Action action = Action::accept;
    std::string reason;    // "score 17.2", "virus Eicar-Test-Signature", "unscanned: …"
    bool can_hold = true;  // else this recipient's mail never moves to the quarantine
    Cause cause = Cause::score;
    Action wish = Action::accept;  // what mode = enforce would do
    double score = 0;              // by this recipient's scores
    std::optional<Action> trial =
        {};  // by shadow-thresholds and [shadow-scores], where there are any
    double trial_score = 0;
};

/// What the site can and will do, beside one recipient's policy.
struct Circumstances {
    bool has_quarantine = false;  // without one, quarantine acts as tag
    bool honours_dmarc_reject = false;
    bool is_quarantine_address =
        false;  // mail to the quarantine mailbox itself is never redirected
};

Decision decide(const Verdict& verdict, const Evidence& evidence, const Policy& policy,
                const Circumstances& circumstances);

/// "scan-failed", "unscanned", "encrypted", "oversize": the policy keys.
std::string_view unread_name(Unread kind);

}  // namespace cordon
