// SPDX-License-Identifier: GPL-2.0-only
// A held message as the journal sees it: its state, its recipients' states, what was ordered, and
// who did what when. Plain data; the identity of an item is the vault's id, never a UID.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cordon {

/// held -> sending -> sent -> filed (its review item lies in Released); spam: confirmed; failed:
/// the note says why and what to do; gone: deleted or expired, nothing but the audit is left.
enum class ItemState : std::uint8_t { held, sending, sent, filed, spam, failed, gone };
constexpr std::size_t kItemStates = 7;
std::string_view to_text(ItemState state);
std::optional<ItemState> item_state_of(std::string_view name);

enum class RecipientState : std::uint8_t { held, sending, sent, failed };
constexpr std::size_t kRecipientStates = 4;
std::string_view to_text(RecipientState state);

struct RecipientStatus {
    std::string path = {};  // "<alice@example.org>" as received
    RecipientState state = RecipientState::held;
    bool is_added = false;   // by a release to another address; no recipient of the original
    std::string reply = {};  // the server's last one about it
    std::int64_t changed_at = 0;
};

struct ItemStatus {
    std::string id;
    ItemState state = ItemState::held;
    std::int64_t received_at = 0;
    std::int64_t changed_at = 0;
    std::uint64_t change = 0;  // rises with every change of any item; see ItemQuery::changed_after
    std::string mail_from;     // path
    std::string from;          // printable, as is all that follows
    std::string subject;
    std::string score;
    std::string rules;
    std::string reason;
    std::string virus;  // not empty: the original never leaves the vault but by an administrator
    std::string home;
    std::uint64_t size = 0;
    std::string sha256;
    std::string first_recipient;  // path
    std::uint32_t recipients = 0;
    std::string note;  // failed: what the server said and what to do
    // Where the review agent saw it last. A hint only.
    std::string folder;
    std::uint32_t uid_validity = 0;
    std::uint32_t uid = 0;
};

/// All conditions that are set must hold. Texts compare without case, anywhere in the value.
struct ItemQuery {
    std::vector<ItemState> states = {};  // empty: all but gone
    std::int64_t received_from = 0;
    std::int64_t received_before = 0;  // 0: no bound
    std::string sender = {};           // in the envelope sender or From
    std::string recipient = {};
    std::string subject = {};
    /// Set: in the order of changes, those later than this; else by time of reception.
    std::optional<std::uint64_t> changed_after = {};
    std::string after = {};  // ItemPage::next of the page before
    std::uint32_t limit = 200;
};

/// How many items are in a state, and since when the oldest of them.
struct StateFigures {
    ItemState state = ItemState::held;
    std::uint64_t messages = 0;
    std::int64_t oldest = 0;  // when it was received
};

struct ItemPage {
    std::vector<ItemStatus> items;
    std::string next;  // empty: this was the last page
};

/// Begins the name of a recipient who decided about his own mail: "user:alice@example.org".
constexpr std::string_view kUserPrefix = "user:";

struct ReleaseOrder {
    std::string id = {};
    std::string who = {};                      // for the audit: "imap:carol", "root"
    std::vector<std::string> recipients = {};  // addresses or paths; empty: all not sent yet
    std::string to = {};                       // instead of them: another address
    bool allow_sender = false;
    bool allow_virus = false;
    std::string allow_note = {};  // the keeper's: what became of allow_sender
};

/// What the release engine shall do now.
struct ReleaseJob {
    std::uint64_t order = 0;
    std::string id;
    std::string who;
    std::uint32_t attempt = 0;  // from 1
    std::int64_t ordered_at = 0;
    std::vector<std::string> recipients;  // paths, those not sent yet
    bool is_redirect = false;             // `recipients` are none of the original
    bool allow_virus = false;
    std::string nonce;  // for X-Cordon-Release: this attempt's, for one use
};

struct RecipientOutcome {
    std::string path = {};
    RecipientState state = RecipientState::sending;  // sent, failed, or sending: try again
    std::string reply = {};
};

struct ReleaseResult {
    std::uint64_t order = 0;
    std::string id = {};
    std::vector<RecipientOutcome> outcomes = {};
    std::string note = {};       // for people, when something failed
    std::uint32_t retry_in = 0;  // seconds; counts where an outcome says to try again
};

struct FiledPlace {
    std::string id = {};
    std::string folder = {};
    std::uint32_t uid_validity = 0;
    std::uint32_t uid = 0;
};

struct ItemEvent {
    std::int64_t at = 0;
    std::string id = {};
    std::string who = {};
    std::string what = {};    // held, order-release, sent, failed, spam, deleted, expired …
    std::string detail = {};  // the server's reply, recipients, options
};

}  // namespace cordon
