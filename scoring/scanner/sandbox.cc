// SPDX-License-Identifier: GPL-2.0-only
// Order matters: namespaces first (they give the capabilities that building the root needs and
// reset the death signal), then limits, then what can't be undone.
#include "scoring/scanner/sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>

#include "conf/base/file_descriptor.h"
#include "scoring/scanner/landlock.h"
#include "scoring/scanner/syscall_filter.h"

namespace cordon {

namespace {

constexpr uid_t kNobody = 65534;
constexpr rlim_t kContentFiles = 32;
constexpr rlim_t kAntivirusFiles = 256;  // libclamav keeps some open for each level of nesting

Result<void> write_proc(const char* path, const std::string& text) {
    const UniqueFd fd(::open(path, O_WRONLY | O_CLOEXEC));
    if (!fd) return fail_errno(path);
    if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return fail_errno(path);
    return {};
}

Result<void> enter_namespaces() {
    const auto uid = std::to_string(::geteuid());
    const auto gid = std::to_string(::getegid());
    // After a change of user /proc/self belongs to root until the process is dumpable again.
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    // The filter of system calls refuses everything that an IPC namespace keeps apart, so a unit
    // that gives Cordon one of its own (PrivateIPC) may refuse workers theirs.
    constexpr int kNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET;
    if (::unshare(kNamespaces | CLONE_NEWIPC) != 0 && ::unshare(kNamespaces) != 0)
        return fail_errno("unshare");
    if (auto done = write_proc("/proc/self/setgroups", "deny"); !done) return done;
    if (auto done = write_proc("/proc/self/uid_map", uid + " " + uid + " 1"); !done) return done;
    return write_proc("/proc/self/gid_map", gid + " " + gid + " 1");
}

/// Leaves nothing of the file system but an empty root, with one folder when files are needed.
Result<void> replace_root(const SandboxPlan& plan, const char* folder) {
    const auto size = plan.needs_files ? "mode=0700,size=" + std::to_string(plan.folder_bytes)
                                       : "mode=0500,size=4k";
    constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return fail_errno("making mounts private");
    // Any folder will do as the place: the mount is seen by this process alone.
    if (::mount("tmpfs", "/proc", "tmpfs", kFlags, size.c_str()) != 0) return fail_errno("tmpfs");
    if (::chdir("/proc") != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0)
        return fail_errno("pivot_root");
    if (::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) return fail_errno("umount");
    if (plan.needs_files && ::mkdir(folder, 0700) != 0) return fail_errno(folder);
    if (!plan.needs_files &&
        ::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | kFlags, nullptr) != 0)
        return fail_errno("read-only root");
    return {};
}

Result<void> drop_capabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> none{};
    if (::syscall(SYS_capset, &header, none.data()) != 0) return fail_errno("capset");
    return {};
}

void close_all_but(std::vector<int> keep) {
    std::sort(keep.begin(), keep.end());
    unsigned from = 3;
    for (const int fd : keep) {
        const auto kept = static_cast<unsigned>(fd);
        if (kept > from) ::syscall(SYS_close_range, from, kept - 1, 0U);
        from = std::max(from, kept + 1);
    }
    ::syscall(SYS_close_range, from, ~0U, 0U);
}

std::uint64_t mapped_bytes() {
    auto statm = read_file("/proc/self/statm", 4096);
    unsigned long pages = 0;
    if (!statm || std::sscanf(statm->c_str(), "%lu", &pages) != 1) return 0;
    return std::uint64_t{pages} * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

Result<void> limit(__rlimit_resource resource, rlim_t value, const char* name) {
    rlimit old{};
    if (::getrlimit(resource, &old) != 0) return fail_errno(name);
    const rlim_t bounded = std::min(value, old.rlim_max);
    const rlimit wanted{bounded, bounded};
    if (::setrlimit(resource, &wanted) != 0) return fail_errno(name);
    return {};
}

Result<void> limit_resources(const SandboxPlan& plan, std::uint64_t mapped) {
    // A log file as standard error must stay writable for the last words of the worker.
    struct stat log {};
    const bool is_log_a_file = ::fstat(2, &log) == 0 && S_ISREG(log.st_mode);
    const rlim_t file_size = plan.needs_files ? plan.folder_bytes
                             : is_log_a_file  ? static_cast<rlim_t>(log.st_size) + (1U << 30U)
                                              : 0;
    ::signal(SIGXFSZ, SIG_IGN);  // the write fails instead, and is counted
    if (auto done = limit(RLIMIT_CORE, 0, "RLIMIT_CORE"); !done) return done;
    if (auto done = limit(RLIMIT_FSIZE, file_size, "RLIMIT_FSIZE"); !done) return done;
    if (auto done = limit(RLIMIT_NPROC, 0, "RLIMIT_NPROC"); !done) return done;
    if (mapped > 0) {
        if (auto done = limit(RLIMIT_AS, mapped + plan.memory_bytes, "RLIMIT_AS"); !done)
            return done;
    }
    return limit(RLIMIT_NOFILE, plan.needs_files ? kAntivirusFiles : kContentFiles,
                 "RLIMIT_NOFILE");
}

}  // namespace

Result<void> drop_root() {
    if (::geteuid() != 0) return {};
    if (::setgroups(0, nullptr) != 0 || ::setresgid(kNobody, kNobody, kNobody) != 0 ||
        ::setresuid(kNobody, kNobody, kNobody) != 0)
        return fail_errno("becoming nobody");
    return {};
}

Result<void> die_with(pid_t parent, int signal) {
    if (::prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0) return fail_errno("PR_SET_PDEATHSIG");
    if (parent != 0 && ::getppid() != parent) return fail("the parent process is gone");
    return {};
}

Result<Sandbox> enter_sandbox(const SandboxPlan& plan) {
    constexpr const char* kFolder = "/tmp";
    Sandbox out;
    const auto mapped = mapped_bytes();
    const auto note = [&out](std::string_view layer, const Result<void>& result) {
        if (!result) out.missing.push_back(std::string(layer) + ": " + result.error().what);
        return result.has_value();
    };

    const bool is_apart = note(kSandboxLayers[1], enter_namespaces());
    if (note(kSandboxLayers[2],
             is_apart ? replace_root(plan, kFolder) : fail("needs the namespaces"))) {
        out.is_folder_private = true;
        if (plan.needs_files) out.folder = kFolder;
    } else if (plan.needs_files) {
        out.folder = plan.fallback_folder;
        if (::mkdir(out.folder.c_str(), 0700) != 0) return fail_errno(out.folder);
    }
    close_all_but(plan.keep);
    if (auto tied = die_with(plan.parent, SIGKILL); !tied) return tl::unexpected(tied.error());
    note(kSandboxLayers[3], drop_capabilities());
    note(kSandboxLayers[4], limit_resources(plan, mapped));
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("PR_SET_NO_NEW_PRIVS");
    note(kSandboxLayers[5], restrict_files(out.folder));
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (auto filtered = filter_system_calls(plan.needs_files); !filtered)
        return tl::unexpected(filtered.error());
    return out;
}

namespace {

std::string lines_of(const std::vector<std::string>& missing) {
    std::string out;
    for (const auto layer : kSandboxLayers) {
        const auto found =
            std::find_if(missing.begin(), missing.end(), [layer](const std::string& line) {
                return line.starts_with(std::string(layer) + ":");
            });
        out += "layer " + (found == missing.end()
                               ? std::string(layer) + " active"
                               : std::string(layer) + " missing" + found->substr(layer.size()));
        out += "\n";
    }
    return out;
}

[[noreturn]] void try_layers(bool needs_files, int to) {
    SandboxPlan plan;
    plan.parent = ::getppid();
    plan.keep = {to};
    plan.memory_bytes = 64U << 20U;
    plan.needs_files = needs_files;
    plan.folder_bytes = 1U << 20U;
    plan.fallback_folder = "/tmp/cordon-layers-" + std::to_string(::getpid());
    std::vector<std::string> missing;
    if (auto dropped = drop_root(); !dropped)
        missing.push_back(std::string(kSandboxLayers[0]) + ": " + dropped.error().what);
    auto sandbox = enter_sandbox(plan);
    if (sandbox)
        missing.insert(missing.end(), sandbox->missing.begin(), sandbox->missing.end());
    else
        missing.push_back(std::string(kSandboxLayers.back()) + ": " + sandbox.error().what);
    if (sandbox && !sandbox->is_folder_private && needs_files) ::rmdir(sandbox->folder.c_str());
    ::_exit(write_all(to, lines_of(missing)) ? 0 : 1);
}

}  // namespace

Result<std::string> report_layers(bool needs_files) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe");
    const UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("fork");
    if (child == 0) try_layers(needs_files, theirs.get());
    theirs.reset();
    auto text = read_all(ours.get(), 64U << 10U);
    ::waitpid(child, nullptr, 0);
    if (text && text->empty()) return fail("the process that tries the sandbox out died");
    return text;
}

}  // namespace cordon
