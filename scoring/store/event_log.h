// SPDX-License-Identifier: GPL-2.0-only
// What was learned, in order: a bounded log in SQLite from which the table of weights can be built
// again. An event is known by the identity of its message: learning the same again is no event,
// learning it with the other label is a correction. Belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "conf/base/result.h"
#include "conf/base/sqlite.h"
#include "scoring/store/learner.h"

namespace cordon {

struct LearnEvent {
    std::string identity;  // hex, of features.h
    bool is_spam = false;
    LabelOrigin origin = LabelOrigin::person;
    std::string features;  // encoded
    std::int64_t time = 0;
};

enum class LearnOutcome : std::uint8_t {
    learned,
    corrected,  // it was learned with the other label before
    known,      // nothing new
    overruled,  // automatic, and a person had said otherwise
};
constexpr std::uint64_t count_of(LearnOutcome) {
    return 4;
}

class EventLog {
 public:
    static constexpr std::int64_t kMostEvents = 200'000;
    static constexpr std::int64_t kMostLabels = 1'000'000;

    /// What can't be read is an error; nothing is put aside here.
    static Result<EventLog> open(const std::string& path);

    /// Within a transaction of the caller's. Refuses features of another version. `number`: that of
    /// a shared log, higher than all before; 0: the next one.
    Result<LearnOutcome> append(const LearnEvent& event, std::uint64_t number = 0);
    /// What append() would make of it, without doing so.
    Result<LearnOutcome> outcome_of(const LearnEvent& event) const;
    /// Forgets everything that was learned, within a transaction of the caller's.
    Result<void> clear();
    /// Forgets the oldest events beyond the bounds.
    Result<void> prune();

    using Use = std::function<void(std::uint64_t number, const LabelledFeatures& event)>;
    /// Events with numbers in (after, until], in order.
    Result<void> for_each(std::uint64_t after, std::uint64_t until, const Use& use) const;
    /// The last `count` events of each label with numbers up to `until`, in order.
    Result<void> for_each_last(std::uint64_t until, std::size_t count, const Use& use) const;
    /// For building the table anew: of each message only the label that counts now.
    Result<void> for_each_current(const Use& use) const;

    Result<std::uint64_t> last_number() const;
    /// Numbers go on after this one, also where events are lost.
    Result<void> continue_after(std::uint64_t number);

    Result<std::string> note(const std::string& key) const;
    Result<void> set_note(const std::string& key, const std::string& value);

    SqlDatabase& database() { return *database_; }

 private:
    explicit EventLog(std::unique_ptr<SqlDatabase> database) : database_(std::move(database)) {}
    Result<void> visit(SqlStatement& rows, const Use& use) const;

    std::unique_ptr<SqlDatabase> database_;
};

}  // namespace cordon
