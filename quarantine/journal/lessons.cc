// SPDX-License-Identifier: GPL-2.0-only
// The journal's lessons: a decision and what it teaches are one commit; it goes when it is learned.
#include <algorithm>

#include "quarantine/journal/journal.h"

namespace cordon {

namespace {

constexpr std::int64_t kFirstPause = 10;
constexpr std::int64_t kLongestPause = 3600;

}  // namespace

std::int64_t lesson_pause(std::uint32_t attempt) {
    return std::min(kFirstPause << std::min(attempt - 1, 20U), kLongestPause);
}

Result<bool> Journal::note_lesson(std::string_view id, Learned what, std::string_view who,
                                  std::int64_t now) {
    return change<bool>([&]() -> Result<bool> {
        auto done =
            database_.run_with("UPDATE items SET learned = ?1 WHERE id = ?2 AND learned <> ?1",
                               static_cast<int>(what), id);
        if (!done) return tl::unexpected(done.error());
        if (database_.changed_rows() == 0) return false;
        done = database_.run_with(
            "INSERT OR REPLACE INTO lessons(id, what, who, due) VALUES(?, ?, ?, ?)", id,
            static_cast<int>(what), who, now);
        if (!done) return tl::unexpected(done.error());
        return true;
    });
}

Result<std::uint64_t> Journal::waiting_lessons() {
    const std::lock_guard lock(mutex_);
    auto row = database_.prepare("SELECT count(*) FROM lessons WHERE attempts > 0");
    if (!row) return tl::unexpected(row.error());
    if (auto found = row->step(); !found) return tl::unexpected(found.error());
    return static_cast<std::uint64_t>(row->integer(0));
}

Result<TakenLesson> Journal::take_lesson(std::int64_t now) {
    return change<TakenLesson>([&]() -> Result<TakenLesson> {
        // What is due later than any pause was written by a clock that went wrong.
        auto row = database_.prepare(
            "SELECT sequence, id, what, who, attempts, due FROM lessons "
            "ORDER BY due BETWEEN ?1 + 1 AND ?1 + ?2, due, sequence LIMIT 1");
        if (!row) return tl::unexpected(row.error());
        const auto found = row->bind(now, kLongestPause).step();
        if (!found) return tl::unexpected(found.error());
        if (!*found) return TakenLesson{};
        const auto due = row->integer(5);
        if (due > now && due <= now + kLongestPause) return TakenLesson{{}, due};
        Lesson out;
        out.sequence = static_cast<std::uint64_t>(row->integer(0));
        out.id = row->text(1);
        out.what =
            row->integer(2) == static_cast<int>(Learned::spam) ? Learned::spam : Learned::ham;
        out.who = row->text(3);
        out.attempt = static_cast<std::uint32_t>(row->integer(4)) + 1;
        out.next_try = now + lesson_pause(out.attempt);
        // Counted before it is tried: one that ends the keeper each time ends too.
        auto done =
            database_.run_with("UPDATE lessons SET attempts = ?, due = ? WHERE sequence = ?",
                               out.attempt, out.next_try, out.sequence);
        if (!done) return tl::unexpected(done.error());
        return TakenLesson{std::move(out), 0};
    });
}

Result<void> Journal::end_lesson(const Lesson& lesson, bool is_learned) {
    return change<void>([&]() -> Result<void> {
        auto done = database_.run_with("DELETE FROM lessons WHERE sequence = ?", lesson.sequence);
        if (!done || is_learned || database_.changed_rows() == 0) return done;
        // The same decision, made once more, is news then.
        return database_.run_with("UPDATE items SET learned = 0 WHERE id = ?", lesson.id);
    });
}

}  // namespace cordon
