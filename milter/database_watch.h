// SPDX-License-Identifier: GPL-2.0-only
// Notices that the folder of signatures has changed: at once by inotify, within a minute where that
// does not see it (a network file system, a folder that was away). A change counts when the folder
// has been quiet for two seconds, since freshclam replaces several files one after another.
#pragma once

#include <string>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"

namespace cordon {

/// Names, sizes, times and inodes of the files in a folder; empty when it can't be read.
std::string state_of_folder(const std::string& folder);

class DatabaseWatch {
 public:
    /// Watches this folder from now on; what is there now counts as known.
    void follow(const std::string& folder);
    /// To be polled; -1 where there is no inotify.
    int descriptor() const { return notices_.get(); }
    /// Milliseconds until it wants to be asked again.
    int poll_timeout() const;
    /// True once after each change, when it has come to rest.
    bool has_changed();
    /// Whether the folder is no longer what was last known; takes it for known.
    bool take_change();

 private:
    void read_notices();

    std::string folder_;
    std::string known_;
    std::string seen_;  // at the last look
    UniqueFd notices_;
    bool is_pending_ = false;
    Deadline next_look_ = Deadline::in(Milliseconds(0));
};

}  // namespace cordon
