// SPDX-License-Identifier: GPL-2.0-only
#include "milter/list_watch.h"

#include <fmt/format.h>
#include <sys/stat.h>

namespace cordon {

namespace {

std::string look_of(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return "missing";
    return fmt::format("{}.{}.{}.{}.{}", info.st_dev, info.st_ino, info.st_size,
                       info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

}  // namespace

void ListWatch::follow(const Configuration& configuration) {
    seen_.clear();
    for (const auto& [name, words] : configuration.lists) {
        const auto path = name.substr(name.find(':') + 1);
        seen_[path] = look_of(path);
    }
}

bool ListWatch::has_changed() {
    bool out = false;
    for (auto& [path, look] : seen_) {
        auto now = look_of(path);
        if (now == look) continue;
        look = std::move(now);
        out = true;
    }
    return out;
}

}  // namespace cordon
