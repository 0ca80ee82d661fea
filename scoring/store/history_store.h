// SPDX-License-Identifier: GPL-2.0-only
// The history: one row a message in an SQLite database of its own, so that neither its size nor its
// loss touches the journal. Bounded in age and size. A connection belongs to one thread at a time;
// readers have one of their own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "conf/base/clock.h"
#include "conf/base/result.h"
#include "conf/base/sqlite.h"
#include "scoring/store/history_record.h"

namespace cordon {

constexpr int kHistoryVersion = 1;

/// What a person made of a message later.
enum class Feedback : std::uint8_t { none, released, confirmed };
std::string_view to_text(Feedback feedback);

/// All conditions that are set must hold. Texts compare without case.
struct HistoryQuery {
    std::string id = {};         // of the message, of the queue, or the Message-ID; exactly
    std::string sender = {};     // in the envelope sender or the author, anywhere
    std::string recipient = {};  // in a recipient, anywhere
    std::string address = {};    // in any of them
    std::string rule = {};       // by name
    std::int64_t received_from = 0;
    std::int64_t received_before = 0;  // 0: no bound
    std::uint64_t before = 0;          // HistoryPage::next of the page before; 0: the newest
    std::uint32_t limit = 200;
};

struct HistoryEntry {
    HistoryRecord record;
    Feedback feedback = Feedback::none;
};

struct HistoryPage {
    std::vector<HistoryEntry> entries;  // the newest first; none does not mean that there are none
    std::uint64_t next = 0;             // 0: this was the last page
};

struct HistoryFigures {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::int64_t oldest = 0;
};

class HistoryStore {
 public:
    /// A file that a newer version wrote is refused (is_newer_store); what is no database is an
    /// error.
    static Result<std::unique_ptr<HistoryStore>> open(const std::string& path);

    /// All in one commit; a message that is there already is left as it is.
    Result<void> add(const std::vector<HistoryRecord>& records);
    Result<void> mark(const std::string& id, Feedback feedback);
    Result<void> forget_before(std::int64_t time);
    /// Forgets the oldest until the file's contents are below `bytes`.
    Result<void> keep_below(std::uint64_t bytes);
    /// Removes every message from, by or to this address, also from free pages of the file; how
    /// many they were.
    Result<std::uint64_t> erase(const std::string& address);

    /// Ends after `time` with what was found so far.
    Result<HistoryPage> find(const HistoryQuery& query, Milliseconds time);
    Result<HistoryFigures> figures();

 private:
    explicit HistoryStore(SqlDatabase database) : database_(std::move(database)) {}

    Result<std::int64_t> rule_number(const std::string& name);
    Result<void> read_rules();
    Result<std::int64_t> number(std::string_view sql, std::int64_t value = 0);
    Result<void> find_named(const HistoryQuery& query, HistoryPage& page);
    Result<void> scan(const HistoryQuery& query, Deadline deadline, HistoryPage& page);
    Result<HistoryEntry> entry_of(const SqlStatement& row) const;
    void take_hits(HistoryRecord& record, std::string_view text) const;

    SqlDatabase database_;
    std::map<std::string, std::int64_t, std::less<>> numbers_;  // of rules
    std::map<std::int64_t, std::string> names_;
};

}  // namespace cordon
