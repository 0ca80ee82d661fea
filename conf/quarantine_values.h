// SPDX-License-Identifier: GPL-2.0-only
// Types of values that only the quarantine's sections have.
#pragma once

#include <cstdint>
#include <string>

namespace cordon {

/// Whose decisions about a recipient's held mail are learned from: nobody's, those of the people
/// who review the quarantine, or also those of the recipient himself.
enum class LearnFrom : std::uint8_t { nobody, reviewers, users };
enum class Language : std::uint8_t { english, german };
enum class UserFolders : std::uint8_t { none, shared };
/// How the IMAP server calls a user: by his address, or by what stands before its @.
enum class UserLogin : std::uint8_t { address, local_part };

/// "07:00", in the time zone of the host.
struct TimeOfDay {
    unsigned minutes = 0;  // since midnight
};

std::string to_text(LearnFrom value);
std::string to_text(Language value);
std::string to_text(UserFolders value);
std::string to_text(UserLogin value);
std::string to_text(const TimeOfDay& value);

}  // namespace cordon
