// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/keeper/teaching.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "conf/base/log.h"
#include "conf/base/mail_address.h"

namespace cordon {

namespace {

constexpr std::int64_t kLongestSleep = 60;  // since the clock may be set

/// What one recipient wants nobody to learn from is not learned, whoever else has the message.
bool may_teach(Keeper& keeper, const std::string& id, const std::string& who) {
    const auto item = keeper.journal->find(id);
    if (!item) return false;
    const auto configuration = keeper.configuration.get();
    const auto& policy = configuration->policy;
    auto from = LearnFrom::users;
    for (const auto& recipient : item->recipients)
        if (!recipient.is_added)
            from = std::min(from, policy.for_recipient(without_brackets(recipient.path)).learning);
    return from >= (who.starts_with(kUserPrefix) ? LearnFrom::users : LearnFrom::reviewers);
}

Result<OpenedMessage> read_stored(const Keeper& keeper, const std::string& id) {
    const auto file = keeper.vault->open_file(id);
    if (!file) return tl::unexpected(file.error());
    return read_held(file->get(), id);
}

Result<void> learn(Keeper& keeper, const Lesson& lesson) {
    if (!keeper.learn) return fail("learning is off, the log of the keeper's start says why");
    const auto held = read_stored(keeper, lesson.id);
    if (!held) return tl::unexpected(held.error());
    return keeper.learn(*held, lesson.what == Learned::spam);
}

/// What is to be done by hand; empty: it is tried again.
std::string action_for(const Keeper& keeper, const Lesson& lesson) {
    if (!keeper.vault->has(lesson.id)) return "none: the message was deleted or has expired";
    if (lesson.attempt < kLessonAttempts) return {};
    return fmt::format(
        "see that the scanner runs, then: cordon quarantine export {0}; cordon learn {1} {0}.eml",
        lesson.id, to_text(lesson.what));
}

/// True: it is given up.
bool note_failure(const Keeper& keeper, const Lesson& lesson, const Error& error) {
    const auto as = to_text(lesson.what);
    const auto action = action_for(keeper, lesson);
    if (action.empty()) {
        log::warn("learning-waits", {{"id", lesson.id},
                                     {"as", as},
                                     {"error", error.what},
                                     {"attempt", lesson.attempt},
                                     {"seconds", lesson_pause(lesson.attempt)}});
        return false;
    }
    log::error("learning-failed",
               {{"id", lesson.id}, {"as", as}, {"error", error.what}, {"action", action}});
    return true;
}

}  // namespace

void teach(Keeper& keeper, const std::string& id, Learned what, const std::string& who) {
    if (keeper.history)
        keeper.history->mark(id, what == Learned::spam ? Feedback::confirmed : Feedback::released);
    if (!may_teach(keeper, id, who)) return;
    const auto is_news = keeper.journal->note_lesson(id, what, who, unix_time());
    if (!is_news) log::error("journal-failed", {{"id", id}, {"error", is_news.error().what}});
    if (!is_news || !*is_news) return;
    if (const auto held = read_stored(keeper, id); held)
        remember_decision(keeper, held->message.author, what == Learned::spam);
    ::eventfd_write(keeper.lesson_came.get(), 1);
}

std::int64_t learn_due(Keeper& keeper, std::int64_t now) {
    const auto taken = keeper.journal->take_lesson(now);
    if (!taken) {
        log::error("journal-failed", {{"error", taken.error().what}});
        return now + kLongestSleep;
    }
    if (!taken->lesson) return taken->next_due;
    const auto& lesson = *taken->lesson;
    const auto done = learn(keeper, lesson);
    if (done)
        log::info("learned",
                  {{"id", lesson.id}, {"as", to_text(lesson.what)}, {"who", lesson.who}});
    else if (!note_failure(keeper, lesson, done.error()))
        return now;
    if (const auto ended = keeper.journal->end_lesson(lesson, done.has_value()); !ended)
        log::error("journal-failed", {{"id", lesson.id}, {"error", ended.error().what}});
    return now;
}

void learn_until(Keeper& keeper, int stop) {
    for (;;) {
        const auto now = unix_time();
        const auto next = learn_due(keeper, now);
        const auto sleep =
            next == 0 ? kLongestSleep : std::clamp<std::int64_t>(next - now, 0, kLongestSleep);
        std::array<pollfd, 2> entries{{{stop, POLLIN, 0}, {keeper.lesson_came.get(), POLLIN, 0}}};
        if (::poll(entries.data(), entries.size(), static_cast<int>(sleep * 1000)) < 0 &&
            errno != EINTR)
            return;
        if (entries[0].revents != 0) return;
        eventfd_t count = 0;
        if (entries[1].revents != 0) ::eventfd_read(keeper.lesson_came.get(), &count);
    }
}

}  // namespace cordon
