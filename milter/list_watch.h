// SPDX-License-Identifier: GPL-2.0-only
// Notices when a list file of the configuration changes. By its times and inode, not by inotify: an
// editor's rename, a mounted folder and a file that comes back all look the same.
#pragma once

#include <map>
#include <string>

#include "conf/configuration.h"

namespace cordon {

class ListWatch {
 public:
    /// Forgets what it watched, and watches these.
    void follow(const Configuration& configuration);
    bool is_empty() const { return seen_.empty(); }
    /// True once after each change.
    bool has_changed();

 private:
    std::map<std::string, std::string> seen_;  // path -> what stat(2) said
};

}  // namespace cordon
