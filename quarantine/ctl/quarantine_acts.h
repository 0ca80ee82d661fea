// SPDX-License-Identifier: GPL-2.0-only
// The acts of `cordon quarantine`, one function each; the exit code of one item or of all.
#pragma once

#include <string>
#include <vector>

#include "quarantine/ctl/command.h"
#include "quarantine/keeper/client.h"

namespace cordon {

struct QuarantineOptionsGiven {
    bool json = false;
    bool original = false;
    bool no_wait = false;
    std::string state;
    std::string from;
    std::string to;
    std::string subject;
    std::string since;
    std::string before;
    std::string directory;
    std::string redirect;
    std::vector<std::string> only;
    bool allow_sender = false;
    bool allow_virus = false;
};

struct QuarantineAct {
    const Configuration& configuration;
    KeeperClient keeper;
    QuarantineOptionsGiven given;
    std::string who;  // for the audit

    int list() const;
    int show(const std::string& id) const;
    int release(const std::string& id) const;
    int confirm(const std::string& id) const;
    int remove(const std::string& id) const;
    int write_original(const std::string& id) const;
    int verify(const std::vector<std::string>& ids) const;
    int audit(const std::string& id) const;
    int new_key() const;

 private:
    int list_vault() const;
    int wait_for_release(const std::string& id) const;
    Result<ItemQuery> query() const;
};

/// "cli:NAME" of the person at the keyboard, also under sudo.
std::string who_calls();

/// "7d" ago, or an error that names the option.
Result<std::int64_t> time_ago(const std::string& option, const std::string& text);

}  // namespace cordon
