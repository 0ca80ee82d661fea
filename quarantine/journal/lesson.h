// SPDX-License-Identifier: GPL-2.0-only
// What a person's decision about a held message teaches, from the decision until it is learned.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cordon {

enum class Learned : std::uint8_t { nothing, ham, spam };
constexpr std::size_t kLearnedStates = 3;
constexpr std::string_view to_text(Learned what) {
    constexpr std::array<std::string_view, kLearnedStates> kNames{"nothing", "ham", "spam"};
    return kNames.at(static_cast<std::size_t>(what));
}

struct Lesson {
    std::uint64_t sequence = 0;  // another one for each change of mind
    std::string id;
    Learned what = Learned::nothing;
    std::string who;
    std::uint32_t attempt = 0;  // from 1
    std::int64_t next_try = 0;  // should this attempt come to nothing
};

struct TakenLesson {
    std::optional<Lesson> lesson;
    std::int64_t next_due = 0;  // of another lesson when there is none; 0: none at all
};

/// Attempts over more than three hours: a scanner that is away for longer needs a person.
constexpr std::uint32_t kLessonAttempts = 12;
/// Seconds until the attempt after this one.
std::int64_t lesson_pause(std::uint32_t attempt);

}  // namespace cordon
