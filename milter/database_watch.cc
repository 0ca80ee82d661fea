// SPDX-License-Identifier: GPL-2.0-only
#include "milter/database_watch.h"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <map>

namespace cordon {

namespace {

constexpr Milliseconds kQuiet{2'000};
constexpr Milliseconds kInterval{60'000};

}  // namespace

std::string state_of_folder(const std::string& folder) {
    std::error_code error;
    std::map<std::string, std::string> files;  // in one order, whatever the file system's is
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        struct stat info {};
        const auto name = entry.path().filename().string();
        // freshclam works in folders and files of its own until it renames them.
        if (name.front() == '.' || name.starts_with("tmp") || name == "freshclam.dat") continue;
        if (::stat(entry.path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
        files[name] = fmt::format("{} {} {} {}.{}", name, info.st_size, info.st_ino,
                                  info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    }
    std::string out;
    for (const auto& [name, state] : files) out += state + "\n";
    return out;
}

void DatabaseWatch::follow(const std::string& folder) {
    folder_ = folder;
    known_ = seen_ = state_of_folder(folder);
    is_pending_ = false;
    next_look_ = Deadline::in(kInterval);
    notices_.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (notices_)
        ::inotify_add_watch(notices_.get(), folder.c_str(),
                            IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE |
                                IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB);
}

void DatabaseWatch::read_notices() {
    alignas(inotify_event) std::array<char, 4096> events{};
    while (notices_ && ::read(notices_.get(), events.data(), events.size()) > 0) {
        is_pending_ = true;
        next_look_ = Deadline::in(kQuiet);
    }
}

int DatabaseWatch::poll_timeout() const {
    return folder_.empty() ? -1 : next_look_.poll_timeout();
}

bool DatabaseWatch::has_changed() {
    read_notices();
    if (folder_.empty() || !next_look_.is_over()) return false;
    const auto now = state_of_folder(folder_);
    const bool is_at_rest = now == seen_ || is_pending_;
    seen_ = now;
    is_pending_ = false;
    next_look_ = Deadline::in(now == known_ ? kInterval : kQuiet);
    return now != known_ && is_at_rest && take_change();
}

bool DatabaseWatch::take_change() {
    const auto known = std::move(known_);
    follow(folder_);  // the watch may hang on a folder that is no longer at this path
    return known_ != known;
}

}  // namespace cordon
