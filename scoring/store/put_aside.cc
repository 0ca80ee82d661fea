// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/put_aside.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>

#include "conf/base/clock.h"
#include "conf/base/log.h"

namespace cordon {

bool is_damage(const Error& error) {
    return error.what.find("not a database") != std::string::npos ||
           error.what.find("malformed") != std::string::npos;
}

Result<void> put_aside(const std::string& path, const Error& why) {
    const std::string aside = fmt::format("{}.damaged-{}", path, unix_time());
    log::error("learning-damaged",
               {{"error", why.what}, {"aside", aside}, {"action", "going on with what is left"}});
    for (const char* const suffix : {"", "-wal", "-shm"}) {
        const std::string from = path + suffix;
        if (std::rename(from.c_str(), (aside + suffix).c_str()) != 0 && errno != ENOENT)
            return fail_errno(from);
    }
    return {};
}

}  // namespace cordon
