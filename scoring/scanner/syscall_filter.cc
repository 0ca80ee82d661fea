// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/syscall_filter.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <span>

#include "conf/base/owned.h"

namespace cordon {

namespace {

using NameText = std::array<char, 32>;
using NameTable = std::array<NameText, 512>;

// A signal handler may not ask libseccomp, and is given no argument: the names are kept here.
NameTable system_call_names;

constexpr int kExitRefused = 70;

constexpr std::array kEverywhere = {
    // messages in, answers out
    SCMP_SYS(accept4), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg),
    SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev),
    // memory
    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise),
    // time, chance and waiting
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
    SCMP_SYS(setitimer), SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(restart_syscall),
    // what a process asks about itself
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(times), SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),  // qsort() asks how much memory there is
    // dying
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(exit), SCMP_SYS(exit_group)};

constexpr std::array kForFiles = {
    SCMP_SYS(open),     SCMP_SYS(openat),     SCMP_SYS(lseek),     SCMP_SYS(pread64),
    SCMP_SYS(pwrite64), SCMP_SYS(stat),       SCMP_SYS(lstat),     SCMP_SYS(newfstatat),
    SCMP_SYS(statx),    SCMP_SYS(access),     SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
    SCMP_SYS(mkdir),    SCMP_SYS(mkdirat),    SCMP_SYS(rmdir),     SCMP_SYS(unlink),
    SCMP_SYS(unlinkat), SCMP_SYS(getdents64), SCMP_SYS(ftruncate), SCMP_SYS(dup),
    SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd),    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),   SCMP_SYS(fsync),      SCMP_SYS(fdatasync), SCMP_SYS(readv)};

// The checks of instrumented builds probe memory through a pipe and switch signal stacks.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::array kForSanitizers = {SCMP_SYS(pipe2), SCMP_SYS(sigaltstack), SCMP_SYS(mincore)};
#else
constexpr std::array<int, 0> kForSanitizers = {};
#endif

constexpr std::array kNoThreads = {SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(fork),
                                   SCMP_SYS(vfork)};

// Async-signal-safe: "cordon: worker 123: system call socket (41) refused by the sandbox\n"
class Line {
 public:
    void add(const char* text) {
        const std::size_t size = std::min(std::strlen(text), bytes_.size() - used_);
        std::memcpy(bytes_.data() + used_, text, size);
        used_ += size;
    }
    void add(long number) {
        std::array<char, 24> digits{};
        std::size_t at = digits.size() - 1;
        do {
            digits[--at] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number > 0 && at > 0);
        add(digits.data() + at);
    }
    void print() const { static_cast<void>(!::write(2, bytes_.data(), used_)); }

 private:
    std::array<char, 160> bytes_{};
    std::size_t used_ = 0;
};

void say_and_exit(int, siginfo_t* info, void*) {
    const int number = info->si_syscall;
    const bool is_known =
        number >= 0 && static_cast<std::size_t>(number) < system_call_names.size();
    Line line;
    line.add("cordon: worker ");
    line.add(long{::getpid()});
    line.add(": system call ");
    if (is_known) line.add(system_call_names[static_cast<std::size_t>(number)].data());
    line.add(" (");
    line.add(long{number});
    line.add(") refused by the sandbox\n");
    line.print();
    ::_exit(kExitRefused);
}

bool allow(scmp_filter_ctx filter, std::span<const int> calls,
           std::uint32_t action = SCMP_ACT_ALLOW) {
    return std::all_of(calls.begin(), calls.end(), [filter, action](int call) {
        return call < 0 || ::seccomp_rule_add_array(filter, action, call, 0, nullptr) == 0;
    });
}

bool allow_if(scmp_filter_ctx filter, int call, const scmp_arg_cmp& condition) {
    return ::seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &condition) == 0;
}

bool add_rules(scmp_filter_ctx filter, bool with_files) {
    const auto self = static_cast<scmp_datum_t>(::getpid());
    const scmp_arg_cmp is_not_executable{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0};
    const scmp_arg_cmp is_self{0, SCMP_CMP_EQ, self, 0};
    bool ok = allow(filter, kEverywhere) && allow(filter, kForSanitizers) &&
              allow(filter, kNoThreads, SCMP_ACT_ERRNO(EAGAIN)) &&
              allow_if(filter, SCMP_SYS(mmap), is_not_executable) &&
              allow_if(filter, SCMP_SYS(mprotect), is_not_executable) &&
              allow_if(filter, SCMP_SYS(tgkill), is_self);  // abort()
    for (const int command : {F_GETFD, F_GETFL, F_SETFL, F_GET_SEALS})
        ok = ok && allow_if(filter, SCMP_SYS(fcntl),
                            {1, SCMP_CMP_EQ, static_cast<scmp_datum_t>(command), 0});
    if (with_files)
        return ok && allow(filter, kForFiles) &&
               allow_if(filter, SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_SETFD, 0}) &&
               allow_if(filter, SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_DUPFD_CLOEXEC, 0});
    // fstat() of glibc 2.33 and later: newfstatat(fd, "", ..., AT_EMPTY_PATH).
    return ok && allow_if(filter, SCMP_SYS(newfstatat), {3, SCMP_CMP_EQ, AT_EMPTY_PATH, 0});
}

}  // namespace

void remember_system_call_names() {
    const auto native = ::seccomp_arch_native();
    for (std::size_t i = 0; i < system_call_names.size(); ++i) {
        const Owned<char, std::free> name(
            ::seccomp_syscall_resolve_num_arch(native, static_cast<int>(i)));
        if (name) std::strncpy(system_call_names[i].data(), name.get(), sizeof(NameText) - 1);
    }
}

Result<void> filter_system_calls(bool with_files) {
    struct sigaction handler {};
    handler.sa_sigaction = say_and_exit;
    handler.sa_flags = SA_SIGINFO;
    if (::sigaction(SIGSYS, &handler, nullptr) != 0) return fail_errno("SIGSYS handler");
    const Owned<void, ::seccomp_release> filter(::seccomp_init(SCMP_ACT_TRAP));
    if (!filter) return fail("seccomp_init failed");
    if (!add_rules(filter.get(), with_files)) return fail("the system call filter can't be built");
    if (const int error = ::seccomp_load(filter.get()); error != 0)
        return fail_errno("seccomp", -error);
    return {};
}

}  // namespace cordon
