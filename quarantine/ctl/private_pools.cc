// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/private_pools.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "conf/base/ipc.h"
#include "conf/base/text.h"
#include "conf/role.h"

namespace cordon {

namespace {
constexpr Milliseconds kStartTime(120'000);  // a large signature database takes its time
constexpr Milliseconds kEndTime(3000);
}  // namespace

Result<void> PrivatePools::start_pool_at(const std::string& pool,
                                         const Configuration& configuration, UniqueFd weights) {
    auto listener = listen_seqpacket(fmt::format("{}/{}.sock", directory_, pool), 0600);
    if (!listener) return tl::unexpected(listener.error());
    auto process =
        start_pool(pool, configuration, {listener->get(), "", std::move(weights), spawn});
    if (!process) return tl::unexpected(process.error());
    listeners_.push_back(std::move(*listener));
    processes_.push_back(std::move(*process));
    return {};
}

Result<std::unique_ptr<PrivatePools>> PrivatePools::start(const Configuration& configuration,
                                                          UniqueFd weights) {
    std::unique_ptr<PrivatePools> pools(new PrivatePools);
    const char* const temporary = std::getenv("TMPDIR");
    std::string directory =
        fmt::format("{}/cordon-XXXXXX", temporary != nullptr ? temporary : "/tmp");
    if (::mkdtemp(directory.data()) == nullptr) return fail_errno("cannot make " + directory);
    pools->directory_ = directory;
    pools->paths_.content = directory + "/content.sock";
    if (auto done = pools->start_pool_at("content", configuration, std::move(weights)); !done)
        return tl::unexpected(done.error());
    if (configuration.clamav.enabled) {
        pools->paths_.antivirus = directory + "/antivirus.sock";
        if (auto done = pools->start_pool_at("antivirus", configuration, {}); !done)
            return tl::unexpected(done.error());
    }
    for (const auto& process : pools->processes_) {
        const auto ready = wait_role_ready(process.control.get(), Deadline::in(kStartTime));
        if (!ready) return wrap("scanner", ready.error());
    }
    return pools;
}

namespace {

/// Fields 14 to 17 of /proc/PID/stat: user and system time, own and of children waited for.
std::int64_t ticks_of(const std::string& pid, bool with_children) {
    const auto stat = read_file("/proc/" + pid + "/stat", 4096);
    if (!stat) return 0;
    const auto fields = split(std::string_view(*stat).substr(stat->rfind(')') + 1), ' ');
    std::int64_t ticks = 0;
    for (std::size_t i = 12; i < (with_children ? 16U : 14U) && i < fields.size(); ++i)
        ticks += static_cast<std::int64_t>(parse_unsigned(fields[i]).value_or(0));
    return ticks;
}

}  // namespace

std::int64_t PrivatePools::cpu_us() const {
    std::int64_t ticks = 0;
    for (const auto& process : processes_) {
        const std::string pid = std::to_string(process.pid);
        ticks += ticks_of(pid, true);
        const auto children = read_file(fmt::format("/proc/{0}/task/{0}/children", pid), 65536);
        for (const auto& child : words(children ? *children : "")) ticks += ticks_of(child, false);
    }
    return ticks * 1'000'000 / ::sysconf(_SC_CLK_TCK);
}

PrivatePools::~PrivatePools() {
    for (auto& process : processes_) {
        process.control.reset();
        ::kill(process.pid, SIGTERM);
    }
    const auto deadline = Deadline::in(kEndTime);
    for (const auto& process : processes_) {
        while (::waitpid(process.pid, nullptr, WNOHANG) == 0) {
            if (deadline.is_over()) ::kill(process.pid, SIGKILL);
            ::usleep(1000);
        }
    }
    ::unlink((directory_ + "/content.sock").c_str());
    ::unlink((directory_ + "/antivirus.sock").c_str());
    ::rmdir(directory_.c_str());
}

}  // namespace cordon
