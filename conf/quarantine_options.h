// SPDX-License-Identifier: GPL-2.0-only
// Section [quarantine] of the configuration.
#pragma once

#include <string>

#include "conf/quarantine_values.h"
#include "conf/values.h"

namespace cordon {

struct QuarantineOptions {
    std::string mailbox;
    std::string imap_url;
    std::string imap_user;
    std::string imap_password_file;
    std::string imap_ca_file;  // empty: the system's authorities
    bool imap_plaintext = false;
    std::string folder = "Quarantine";
    std::string release_via;
    std::string vault;  // empty: STATE-DIRECTORY/vault
    ByteSize vault_max{10ULL << 30U};
    OnStoreFailure on_store_failure = OnStoreFailure::tempfail;
    WordList redirect_also_delete;
    Duration retention{Milliseconds(30ULL * 86'400'000)};
    std::string seal_key_file;
    Duration unseen_append{Milliseconds(120'000)};
    Duration allow_time{Milliseconds(90ULL * 86'400'000)};
    TimeOfDay digest_time{7 * 60};
    std::string digest_address;  // empty: `mailbox`
    AddressList digest_exclude;
    UserFolders user_folders = UserFolders::none;
    UserLogin user_login = UserLogin::address;

    /// Where answers to digests go.
    const std::string& answer_address() const {
        return digest_address.empty() ? mailbox : digest_address;
    }
};

}  // namespace cordon
