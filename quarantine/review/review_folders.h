// SPDX-License-Identifier: GPL-2.0-only
// The folders of the quarantine mailbox: their names on this server, made and subscribed where they
// are missing.
#pragma once

#include <string>
#include <vector>

#include "quarantine/imap/imap_mailbox.h"
#include "quarantine/review/review_plan.h"

namespace cordon {

struct ReviewFolder {
    Place place;
    std::string name;      // on the server: encoded, with its prefix and delimiter
    std::uint16_t number;  // among the folders of the same place
    bool is_watched;       // people and the MTA act here; the others are only looked at in sweeps
};

/// Below the folder in which people review; empty for that one itself, and for arrivals.
std::string_view review_folder_name(Place place);

/// `base`: the folder in which people review, "/" between levels, as the administrator wrote it.
std::string server_name(const ImapNamespace& space, const std::string& base,
                        const std::string& below);

/// Makes what is missing. The arrivals are INBOX and what the server calls \Junk.
Result<std::vector<ReviewFolder>> make_review_folders(ImapMailbox& mailbox,
                                                      const std::string& base);

}  // namespace cordon
