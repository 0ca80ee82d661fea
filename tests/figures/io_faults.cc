// SPDX-License-Identifier: GPL-2.0-only
// Scans samples while the n-th system call for files or memory of the scan fails, n = 1, 2, 3 ...,
// and tells every sample that comes back clean though it is not. Each run is a process of its own,
// which a system call filter makes trap on these calls; the handler carries them out, or refuses
// the n-th. So it is the kernel that seems to fail, whatever libc function or library made the
// call.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "scoring/scanner/antivirus_task.h"
#include "scoring/scanner/canary.h"
#include "scoring/scanner/io_interpose.h"
#include "scoring/scanner/memory_interpose.h"

#if !defined(__x86_64__)
#error "the trap is written for x86-64"
#endif

// A system call that the filter lets pass: it knows it by the address behind it.
extern "C" long faults_call(long number, long a, long b, long c, long d, long e, long f);
extern "C" const char faults_behind_call;
__asm__(
    ".text\n.globl faults_call\n.type faults_call,@function\nfaults_call:\n"
    "mov %rdi,%rax\nmov %rsi,%rdi\nmov %rdx,%rsi\nmov %rcx,%rdx\nmov %r8,%r10\nmov %r9,%r8\n"
    "mov 8(%rsp),%r9\nsyscall\n.globl faults_behind_call\nfaults_behind_call:\nret\n");

namespace cordon {
namespace {

enum class Mode { single, lasting, brief };

struct Fault {
    long call;
    int error;
};
// What can fail, and how it does where room, descriptors or memory run out or a disk breaks.
constexpr std::array kFaults = {
    Fault{SYS_open, EMFILE},     Fault{SYS_openat, EMFILE},  Fault{SYS_read, EIO},
    Fault{SYS_pread64, EIO},     Fault{SYS_readv, EIO},      Fault{SYS_write, ENOSPC},
    Fault{SYS_pwrite64, ENOSPC}, Fault{SYS_writev, ENOSPC},  Fault{SYS_lseek, EIO},
    Fault{SYS_fstat, EIO},       Fault{SYS_newfstatat, EIO}, Fault{SYS_statx, EIO},
    Fault{SYS_stat, EIO},        Fault{SYS_lstat, EIO},      Fault{SYS_ftruncate, ENOSPC},
    Fault{SYS_mkdir, ENOSPC},    Fault{SYS_mkdirat, ENOSPC}, Fault{SYS_unlink, EIO},
    Fault{SYS_unlinkat, EIO},    Fault{SYS_rmdir, EIO},      Fault{SYS_getdents64, EIO},
    Fault{SYS_dup, EMFILE},      Fault{SYS_fcntl, EMFILE},   Fault{SYS_access, EIO},
    Fault{SYS_mmap, ENOMEM},     Fault{SYS_mremap, ENOMEM},  Fault{SYS_brk, ENOMEM},
    Fault{SYS_readlink, EIO}};

// Of the handler, which is given no argument.
struct State {
    Mode mode = Mode::single;
    unsigned at = 0;
    unsigned calls = 0;
    bool is_counting = false;
    long failed = -1;
};
State state;

bool is_transfer(long call) {
    return call == SYS_write || call == SYS_pwrite64 || call == SYS_read || call == SYS_pread64;
}

bool fails_now(long call) {
    if (!state.is_counting || (state.mode == Mode::brief && !is_transfer(call))) return false;
    ++state.calls;
    const bool is_reached =
        state.mode == Mode::lasting ? state.calls >= state.at : state.calls == state.at;
    const bool fails = state.at > 0 && is_reached;
    if (fails && state.failed < 0) state.failed = call;
    return fails;
}

void on_call(int, siginfo_t* info, void* context) {
    auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    const long call = info->si_syscall;
    auto size = registers[REG_RDX];
    if (fails_now(call)) {
        if (state.mode != Mode::brief) {
            for (const auto& fault : kFaults)
                if (fault.call == call) registers[REG_RAX] = -fault.error;
            if (call == SYS_brk) registers[REG_RAX] = 0;  // tells failure by the old end
            return;
        }
        size /= 2;
    }
    registers[REG_RAX] = faults_call(call, registers[REG_RDI], registers[REG_RSI], size,
                                     registers[REG_R10], registers[REG_R8], registers[REG_R9]);
}

bool trap_calls() {
    struct sigaction action {};
    action.sa_sigaction = on_call;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    if (::sigaction(SIGSYS, &action, nullptr) != 0) return false;
    const auto address = reinterpret_cast<std::uintptr_t>(&faults_behind_call);
    std::vector<sock_filter> code = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, instruction_pointer)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(address), 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, instruction_pointer) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(address >> 32U), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
    for (const auto& fault : kFaults) {
        code.push_back(
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(fault.call), 0, 1));
        code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));
    }
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

struct Sample {
    std::string name;
    std::string mail;
};

enum class Ending : std::uint8_t { clean, virus, score, unread, died };

/// What the child tells over its pipe.
struct Report {
    Ending ending = Ending::died;
    unsigned calls = 0;
    long failed = -1;
    bool has_failed = false;
    std::array<char, 200> reason{};
};

Report report_on(const ScanReply& reply) {
    const auto result = decode_antivirus(reply.record);
    Report out;
    out.calls = state.calls;
    out.failed = state.failed;
    out.has_failed = state.failed >= 0;
    out.ending = !result                   ? Ending::unread
                 : !result->virus.empty()  ? Ending::virus
                 : !result->unread.empty() ? Ending::unread
                 : result->hits.empty()    ? Ending::clean
                                           : Ending::score;
    const auto reason = !result                   ? result.error().what
                        : !result->unread.empty() ? result->unread[0].detail
                                                  : std::string();
    std::copy_n(reason.begin(), std::min(reason.size(), out.reason.size() - 1), out.reason.begin());
    return out;
}

class Runs {
 public:
    Runs(ScanTask& task, std::string folder) : task_(task), folder_(std::move(folder)) {}

    Report run(const Sample& sample, Mode mode, unsigned at) const {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) return {};
        const pid_t child = ::fork();
        if (child == 0) scan(sample, mode, at, ends[1]);
        ::close(ends[1]);
        Report out;
        if (::read(ends[0], &out, sizeof out) != static_cast<ssize_t>(sizeof out)) out = {};
        ::close(ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        return out;
    }

 private:
    [[noreturn]] void scan(const Sample& sample, Mode mode, unsigned at, int pipe) const {
        ::alarm(30);
        const auto place = folder_ + "/" + std::to_string(::getpid());
        std::filesystem::create_directory(place);
        ScanRequest request{
            ScanKind::antivirus, Deadline::in(Milliseconds(25'000)), sample.mail.size(), {}};
        if (!task_.settle(place, true) || !trap_calls()) ::_exit(1);
        state = {mode, at, 0, true, -1};
        const auto reply = task_.answer(request, sample.mail);
        state.is_counting = false;
        const auto report = report_on(reply);
        const bool told = ::write(pipe, &report, sizeof report) > 0;
        std::error_code error;
        std::filesystem::remove_all(place, error);
        ::_exit(told ? 0 : 1);
    }

    ScanTask& task_;
    std::string folder_;
};

std::string wrapped(const std::string& content) {
    return "From: a@example.org\r\nTo: b@example.org\r\nSubject: sample\r\nMIME-Version: 1.0\r\n"
           "Content-Type: application/octet-stream; name=sample.bin\r\n"
           "Content-Transfer-Encoding: base64\r\n\r\n" +
           to_base64(content) + "\r\n";
}

std::vector<Sample> own_samples() {
    std::vector<Sample> out;
    for (auto& canary : make_canaries()) out.push_back({canary.place, canary.mail});
    const auto zipped = zip_of("eicar.com", eicar(), true);
    out.push_back({"zip in zip", wrapped(zip_of("inner.zip", zipped, true))});
    out.push_back({"large and deflated",
                   wrapped(zip_of("large.bin", std::string(3U << 20U, 'x') + eicar(), true))});
    return out;
}

struct Options {
    std::string database;
    Mode mode = Mode::single;
    unsigned calls = 200;
    ClamScan scan = ClamScan::parts;
    std::vector<std::string> files;
};

bool set(Options& out, const std::string& name, const std::string& value) {
    if (name == "--database") out.database = value;
    if (name == "--calls") out.calls = static_cast<unsigned>(parse_unsigned(value).value_or(0));
    if (name == "--mode")
        out.mode = value == "lasting" ? Mode::lasting
                   : value == "brief" ? Mode::brief
                                      : Mode::single;
    if (name == "--scan")
        out.scan = value == "whole"  ? ClamScan::whole
                   : value == "both" ? ClamScan::both
                                     : ClamScan::parts;
    return name == "--database" || name == "--calls" || name == "--mode" || name == "--scan";
}

/// One sample through all its faults; false cleans are told as they come.
unsigned try_all(const Runs& runs, const Sample& sample, const Options& options,
                 std::map<Ending, unsigned>& endings) {
    const auto free = runs.run(sample, options.mode, 0);
    if (free.ending != Ending::virus || free.reason[0] != 0) {
        std::printf("not found even without a fault: %s %s\n", sample.name.c_str(),
                    free.reason.data());
        return 0;
    }
    unsigned wrong = 0;
    for (unsigned at = 1; at <= options.calls; ++at) {
        const auto report = runs.run(sample, options.mode, at);
        if (report.ending != Ending::died && !report.has_failed) break;
        ++endings[report.ending];
        if (report.ending != Ending::clean) continue;
        ++wrong;
        std::printf("FALSE CLEAN %s: call %u, system call %ld\n", sample.name.c_str(), at,
                    report.failed);
    }
    return wrong;
}

int run(const Options& options) {
    std::string folder = (std::filesystem::temp_directory_path() / "cordon-faults-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return 1;
    ScannerOptions scanner;
    scanner.database = options.database;
    scanner.temp_directory = folder;
    scanner.scan = options.scan;
    auto task = make_antivirus_task(scanner);
    if (!task) {
        std::fprintf(stderr, "%s\n", task.error().what.c_str());
        return 78;
    }
    std::vector<Sample> samples;
    for (const auto& file : options.files) {
        const auto content = read_file(file, 64U << 20U);
        if (content)
            samples.push_back({file, file.ends_with(".eml") ? *content : wrapped(*content)});
    }
    if (options.files.empty()) samples = own_samples();
    const Runs runs(**task, folder);
    std::map<Ending, unsigned> endings;
    unsigned wrong = 0;
    for (const auto& sample : samples) wrong += try_all(runs, sample, options, endings);
    unsigned faults = 0;
    for (const auto& [ending, n] : endings) faults += n;
    std::printf("%zu samples, %u faults: %u virus, %u unread, %u score, %u died, %u false cleans\n",
                samples.size(), faults, endings[Ending::virus], endings[Ending::unread],
                endings[Ending::score], endings[Ending::died], wrong);
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    return wrong == 0 && faults > 0 ? 0 : 1;
}

}  // namespace
}  // namespace cordon

int main(int argc, char** argv) {
    cordon::Options options;
    for (int i = 1; i < argc; ++i) {
        if (i + 1 < argc && cordon::set(options, argv[i], argv[i + 1])) {
            ++i;
        } else {
            options.files.emplace_back(argv[i]);
        }
    }
    if (options.database.empty()) {
        std::fprintf(stderr,
                     "usage: io_faults --database DIR [--calls N] [--mode single|lasting|brief]\n"
                     "                 [--scan parts|whole|both] [FILE...]\n");
        return 64;
    }
    return cordon::run(options);
}
