// SPDX-License-Identifier: GPL-2.0-only
#include "milter/prepare.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/base/log.h"
#include "conf/base/program.h"
#include "conf/base/text.h"
#include "quarantine/redirect/proof.h"
#include "scoring/store/weight_table.h"

namespace cordon {

namespace {

/// mkdir -p; only what is missing is made, and only that is given to the user.
Result<void> make_directory(const std::string& path, unsigned mode, const Configuration& c) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) {
        if (S_ISDIR(info.st_mode)) return {};
        return fail(path + ": not a directory");
    }
    const auto slash = path.rfind('/');
    if (slash != std::string::npos && slash > 0)
        if (auto parent = make_directory(path.substr(0, slash), 0755, c); !parent) return parent;
    if (::mkdir(path.c_str(), mode) != 0) return fail_errno("cannot make " + path);
    return give_to_user(path, c);
}

/// Only the last folder of the path: a mistyped path shall not grow a tree in the MTA's spool.
Result<void> make_socket_folder(const Configuration& c) {
    const auto& path = c.milter.socket.path;
    const std::string folder = path.substr(0, path.rfind('/'));
    const std::string above = folder.substr(0, folder.rfind('/'));
    if (!above.empty() && ::access(above.c_str(), F_OK) != 0)
        return fail(fmt::format(
            "cannot make the milter socket {}: there is no folder {}; see [milter] socket", path,
            above));
    return make_directory(folder, 0755, c);
}

Result<UniqueFd> take_lock(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!fd) return fail_errno(path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        const auto pid = read_all(fd.get(), 64);
        return fail(
            fmt::format("another cordond (pid {}) uses this run directory: stop it, or change "
                        "[cordon] run-directory",
                        pid ? trim(*pid) : "unknown"));
    }
    if (::ftruncate(fd.get(), 0) != 0) return fail_errno(path);
    if (auto written = write_all(fd.get(), fmt::format("{}\n", ::getpid())); !written)
        return wrap(path, written.error());
    return fd;
}

}  // namespace

Result<void> give_to_user(const std::string& path, const Configuration& configuration) {
    if (::geteuid() != 0 || configuration.cordon.user.empty()) return {};
    const auto account = find_account(configuration.cordon.user);
    if (!account) return tl::unexpected(account.error());
    if (::lchown(path.c_str(), account->uid, account->gid) != 0) return fail_errno("chown " + path);
    return {};
}

Result<void> make_live_table(const Configuration& configuration) {
    const auto path = configuration.live_table_path();
    const auto table = open_live_table(path);
    if (!table) return wrap("cannot make the classifier's table", table.error());
    return give_to_user(path, configuration);
}

UniqueFd weights_for(const std::string& pool, const Configuration& configuration) {
    if (pool != "content") return {};
    auto table = open_table_readonly(configuration.live_table_path());
    if (table) return std::move(*table);
    log::warn("classifier-off", {{"reason", table.error().what}});
    return {};
}

Result<UniqueFd> prepare_directories(const Configuration& configuration) {
    const auto& c = configuration;
    if (auto done = make_directory(c.cordon.run_directory, 0755, c); !done)
        return tl::unexpected(done.error());
    if (auto done = make_directory(c.cordon.state_directory, 0700, c); !done)
        return tl::unexpected(done.error());
    if (auto done = make_directory(c.cordon.state_directory + kReviewState, 0700, c); !done)
        return tl::unexpected(done.error());
    if (c.milter.socket.family == MilterSocket::Family::unix_domain) {
        if (auto done = make_socket_folder(c); !done) return tl::unexpected(done.error());
    }
    return take_lock(c.cordon.run_directory + "/cordond.pid");
}

}  // namespace cordon
