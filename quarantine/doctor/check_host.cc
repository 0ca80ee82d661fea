// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <filesystem>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "quarantine/doctor/checks.h"

namespace cordon {

namespace {

constexpr std::uint64_t kLeastFree = 1ULL << 30U;
constexpr std::int64_t kTwoDays = 2LL * 86400;
constexpr std::int64_t kOneWeek = 7LL * 86400;

void check_daemon(const Configuration& c, Findings& out) {
    const auto path = c.cordon.run_directory + "/cordond.pid";
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const bool is_held = fd && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0;
    if (is_held)
        out.push_back({Health::good, "cordond", "runs", ""});
    else if (!fd && errno == EACCES)
        out.push_back({Health::unknown, "cordond", path + " can't be read", "run this as root"});
    else
        out.push_back({Health::error, "cordond", "does not run", "systemctl start cordon"});
}

void check_disk(const Configuration& c, Findings& out) {
    struct statvfs info {};
    const auto directory = c.vault_directory();
    const bool has_vault = ::statvfs(directory.c_str(), &info) == 0;
    if (!has_vault && ::statvfs(c.cordon.state_directory.c_str(), &info) != 0) {
        out.push_back({Health::error, "disk",
                       fmt::format("{}: {}", directory, std::strerror(errno)),
                       "[cordon] state-directory, or start cordond once"});
        return;
    }
    const std::uint64_t free = info.f_bavail * info.f_frsize;
    const auto text = fmt::format("{} MB free for the vault", free >> 20U);
    if (free < kLeastFree)
        out.push_back({Health::error, "disk", text, "make room in " + directory});
    else if (free < c.quarantine.vault_max.value && !c.quarantine.mailbox.empty())
        out.push_back({Health::note, "disk", text + ", less than quarantine.vault-max",
                       fmt::format("[quarantine] vault-max = {}M", free >> 21U)});
    else
        out.push_back({Health::good, "disk", text, ""});
    const bool is_short_of_inodes = info.f_files > 0 && info.f_favail < info.f_files / 100;
    if (is_short_of_inodes)
        out.push_back({Health::error, "disk", "fewer than 1 % of the inodes are free",
                       "remove files from " + directory});
}

void check_clock(Findings& out) {
    timex state{};
    const int status = ::adjtimex(&state);
    if (status == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
        out.push_back({Health::warning, "clock",
                       "not synchronised: dates, signatures and expiry go by it",
                       "systemctl enable --now systemd-timesyncd"});
    else
        out.push_back({Health::good, "clock", "synchronised", ""});
}

bool is_member(const passwd& account, gid_t group) {
    if (account.pw_gid == group) return true;
    const auto* const entry = ::getgrgid(group);
    for (char** name = entry != nullptr ? entry->gr_mem : nullptr; name != nullptr && *name; ++name)
        if (std::string_view(*name) == account.pw_name) return true;
    return false;
}

/// Whether the permission bits let the account do it: `bit` is that of "others".
bool may(const struct stat& info, const passwd& account, mode_t bit) {
    if (account.pw_uid == 0) return true;
    if (info.st_uid == account.pw_uid) return (info.st_mode & (bit << 6U)) != 0;
    if (is_member(account, info.st_gid)) return (info.st_mode & (bit << 3U)) != 0;
    return (info.st_mode & bit) != 0;
}

/// The first folder or file on the way to the socket that the account can't pass; empty: none.
std::string obstacle(const std::string& path, const passwd& account) {
    for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        const auto part = path.substr(0, slash);
        struct stat info {};
        if (::stat(part.c_str(), &info) != 0) return fmt::format("{}: {}", part, strerror(errno));
        const bool is_socket = slash == std::string::npos;
        if (!may(info, account, is_socket ? S_IWOTH : S_IXOTH))
            return fmt::format("{}: mode {:04o} keeps {} out", part, info.st_mode & 07777U,
                               account.pw_name);
        if (is_socket) return {};
    }
}

}  // namespace

void check_socket(const Configuration& c, const std::string& mta_user, Findings& out) {
    if (c.milter.socket.family != MilterSocket::Family::unix_domain) return;
    const auto* const account = ::getpwnam(mta_user.c_str());
    if (account == nullptr) {
        out.push_back({Health::unknown, "socket", "no account " + mta_user, ""});
        return;
    }
    const auto problem = obstacle(c.milter.socket.path, *account);
    if (problem.empty())
        out.push_back(
            {Health::good, "socket", c.milter.socket.path + " is open to " + mta_user, ""});
    else
        out.push_back(
            {Health::error, "socket", problem,
             fmt::format("[milter] socket-group = {} and socket-mode = 0660, then restart",
                         mta_user)});
}

void check_host(const Configuration& c, std::int64_t /*now*/, Findings& out) {
    check_daemon(c, out);
    check_disk(c, out);
    check_clock(out);
}

void check_layers(std::string_view text, Findings& out) {
    std::string missing;
    std::size_t active = 0;
    for (const auto line : split(text, '\n')) {
        constexpr std::string_view kHead = "layer ";
        if (!line.starts_with(kHead)) continue;
        if (line.ends_with(" active"))
            ++active;
        else
            missing += (missing.empty() ? "" : "; ") + printable(line.substr(kHead.size()), 200);
    }
    if (active == 0 && missing.empty())
        out.push_back({Health::unknown, "sandbox", "its layers are not known", "run this as root"});
    else if (missing.empty())
        out.push_back({Health::good, "sandbox", fmt::format("{} layers hold", active), ""});
    else
        out.push_back({Health::warning, "sandbox", missing,
                       "sysctl kernel.unprivileged_userns_clone=1, a newer kernel, or fewer "
                       "restrictions on the container"});
}

std::int64_t signature_time(std::string_view head) {
    // "ClamAV-VDB:24 Nov 2026 08-33 +0000:27123:…"
    constexpr std::string_view kMagic = "ClamAV-VDB:";
    if (!head.starts_with(kMagic)) return 0;
    const auto field = head.substr(kMagic.size(), head.find(':', kMagic.size()) - kMagic.size());
    const std::string text(field.substr(0, 40));
    struct tm when {};
    const char* const rest = ::strptime(text.c_str(), "%d %b %Y %H-%M %z", &when);
    if (rest == nullptr) return 0;
    const auto offset = when.tm_gmtoff;
    return ::timegm(&when) - offset;
}

void check_signatures(const Configuration& c, std::int64_t now, Findings& out) {
    if (!c.clamav.enabled) {
        out.push_back(
            {Health::warning, "signatures", "there is no virus scan", "[clamav] enabled = yes"});
        return;
    }
    std::int64_t newest = 0;
    std::error_code error;
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(c.clamav.database, error)) {
        const auto extension = entry.path().extension().string();
        if (!entry.is_regular_file(error)) continue;
        ++count;
        if (entry.file_size(error) == 0)
            out.push_back({Health::error, "signatures",
                           entry.path().string() + " is empty: the whole database fails to load",
                           "rm " + entry.path().string()});
        if (extension != ".cvd" && extension != ".cld" && extension != ".cud") continue;
        std::string head(64, '\0');
        const UniqueFd fd(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
        const auto n = fd ? ::read(fd.get(), head.data(), head.size()) : -1;
        if (n > 0)
            newest = std::max(newest, signature_time({head.data(), static_cast<std::size_t>(n)}));
    }
    if (count == 0)
        out.push_back({Health::error, "signatures", "none in " + c.clamav.database,
                       "apt-get install clamav-freshclam; freshclam"});
    else if (newest == 0)
        out.push_back({Health::note, "signatures",
                       "only files of your own in " + c.clamav.database + ", without a date", ""});
    else if (now - newest > kOneWeek)
        out.push_back({Health::error, "signatures",
                       fmt::format("{} days old", (now - newest) / 86400),
                       "systemctl restart clamav-freshclam"});
    else if (now - newest > kTwoDays)
        out.push_back({Health::warning, "signatures",
                       fmt::format("{} days old", (now - newest) / 86400),
                       "systemctl status clamav-freshclam"});
    else
        out.push_back({Health::good, "signatures",
                       fmt::format("{} hours old", std::max<std::int64_t>(now - newest, 0) / 3600),
                       ""});
}

}  // namespace cordon
