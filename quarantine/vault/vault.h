// SPDX-License-Identifier: GPL-2.0-only
// The vault: one file a held message, written beside, fsynced and renamed before the sender is
// answered. What is listed is complete; what is not complete is not listed. The keeper writes it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "conf/base/file_descriptor.h"
#include "conf/base/result.h"
#include "quarantine/vault/held_message.h"

namespace cordon {

class Vault {
 public:
    /// Makes the folder (mode 0700) where missing, removes leftovers of interrupted writes, counts.
    static Result<std::unique_ptr<Vault>> open(const std::string& directory,
                                               std::uint64_t max_bytes);

    /// Stores the message with the bytes of `original` (a descriptor, borrowed); fills size and
    /// sha256; never overwrites a message that is held already. On return it is on disk. Safe from
    /// several threads.
    Result<void> store(HeldMessage& message, int original);
    Result<void> store(HeldMessage& message, std::string_view original);

    /// The file of one message, read-only.
    Result<UniqueFd> open_file(std::string_view id) const;
    bool has(std::string_view id) const;
    /// Deletes the message and its states; good when it is gone already.
    Result<void> remove(std::string_view id);
    Result<std::vector<std::string>> ids() const;

    /// States beside the messages, for the day when the journal is lost; see state_file.h.
    Result<void> write_state(std::string_view id, std::string_view text) const;
    /// Empty when there is none: held.
    std::string read_state(std::string_view id) const;

    const std::string& directory() const { return directory_; }
    std::uint64_t used_bytes() const { return used_bytes_; }

 private:
    Vault(std::string directory, std::uint64_t max_bytes)
        : directory_(std::move(directory)), max_bytes_(max_bytes) {}
    Result<void> write_file(const std::string& id, std::string_view head,
                            std::string_view body) const;
    std::string path_of(std::string_view id, std::string_view suffix) const;

    std::string directory_;
    std::uint64_t max_bytes_;
    std::atomic<std::uint64_t> used_bytes_ = 0;
};

/// A held message with its original; `file` keeps the mapping alive.
struct OpenedMessage {
    HeldMessage message;
    Mapping file;
    std::string_view original;
};

/// What says so can't be released, today or later, until somebody puts the file back.
Error no_good_copy(std::string_view why);
bool is_no_good_copy(const Error& error);

/// A message of the vault by its open file; `name` is for errors.
Result<OpenedMessage> read_held(int fd, const std::string& name);

/// Readers: they need only permission to read the folder.
Result<OpenedMessage> open_held(const std::string& directory, std::string_view id);

/// All held messages, oldest first, without their originals. A file that can't be read is named in
/// `damaged` and does not hide the others.
Result<std::vector<HeldMessage>> list_held(const std::string& directory,
                                           std::vector<std::string>& damaged);

}  // namespace cordon
