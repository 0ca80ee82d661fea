// SPDX-License-Identifier: GPL-2.0-only
// Where `cordon learn` takes messages from: files and folders of the disk, or folders of a mailbox.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

struct LearnSource {
    std::size_t size = 0;
    std::function<Result<std::string>(std::size_t)> read;  // one message; an error names it
    std::function<std::string(std::size_t)> name;          // of it, for people
    std::function<bool()> is_lost;                         // nothing more can be read
};

/// Files as they are, "-" for the standard input; of folders (also maildirs) all files in them.
Result<LearnSource> files_source(const std::vector<std::string>& operands);

struct MailboxLogin {
    std::string url;  // imaps://HOST or imap://HOST
    std::string user;
    std::string password_file;
    std::string ca_file;
    bool may_be_plain = false;
};

/// All messages of these folders (names in UTF-8), oldest first; nothing is changed there, not even
/// what was read.
Result<LearnSource> mailbox_source(const MailboxLogin& login,
                                   const std::vector<std::string>& folders);

}  // namespace cordon
