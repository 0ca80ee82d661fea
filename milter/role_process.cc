// SPDX-License-Identifier: GPL-2.0-only
#include "milter/role_process.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "conf/base/log.h"
#include "conf/base/text.h"
#include "conf/role.h"

namespace cordon {

namespace {
constexpr Milliseconds kFirstPause(100);
constexpr Milliseconds kLongestPause(30'000);
constexpr Milliseconds kSteadyTime(60'000);  // ran that long: earlier failures are forgotten
constexpr Milliseconds kNoticeTime(100);     // the socket is readable already
}  // namespace

Result<void> RoleProcess::start() {
    is_ready_ = false;
    auto started = start_();
    if (!started) return wrap(name_, started.error());
    role_ = std::move(*started);
    started_ = Steady::now();
    return {};
}

Result<void> RoleProcess::read_notice() {
    const auto notice = wait_role_ready(control(), Deadline::in(kNoticeTime));
    if (!notice) {
        role_.control.reset();
        return wrap(name_, notice.error());
    }
    is_ready_ = true;
    std::string warnings;
    for (const auto line : split(*notice, '\n')) {
        if (line.starts_with(kSignaturesLoaded))
            signatures_ = parse_unsigned(line.substr(kSignaturesLoaded.size())).value_or(0);
        else if (!line.empty())
            warnings += (warnings.empty() ? "" : "; ") + std::string(line);
    }
    if (!warnings.empty()) log::warn("role-ready", {{"name", name_}, {"warning", warnings}});
    return {};
}

void RoleProcess::renew() {
    is_renewing_ = is_alive();
    signal(SIGTERM);
}

void RoleProcess::ended() {
    role_ = {};
    is_ready_ = false;
    if (std::exchange(is_renewing_, false)) {
        due_ = {};
        failures_ = 0;
        return;
    }
    failures_ = Steady::now() - started_ > kSteadyTime ? 0 : failures_ + 1;
    const auto pause = kFirstPause * (1U << std::min(failures_, 9U));
    due_ = Steady::now() + std::min<Milliseconds>(pause, kLongestPause);
}

void RoleProcess::signal(int number) const {
    if (role_.pid > 0) ::kill(role_.pid, number);
}

}  // namespace cordon
