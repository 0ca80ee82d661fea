// SPDX-License-Identifier: GPL-2.0-only
// The structures are spelled out here: the build machine's headers may be older than the kernel
// that the scanner meets.
#include "scoring/scanner/landlock.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "conf/base/file_descriptor.h"

namespace cordon {

namespace {

struct RulesetAttributes {  // struct landlock_ruleset_attr
    std::uint64_t files = 0;
    std::uint64_t network = 0;  // from version 4
    std::uint64_t scoped = 0;   // from version 6
};

struct [[gnu::packed]] PathRule {  // struct landlock_path_beneath_attr
    std::uint64_t allowed = 0;
    std::int32_t folder = -1;
};

constexpr unsigned kAskVersion = 1;
constexpr int kPathBeneath = 1;
constexpr std::uint64_t kFilesVersion1 = (1U << 13U) - 1;
constexpr std::uint64_t kRefer = 1U << 13U;          // version 2
constexpr std::uint64_t kTruncate = 1U << 14U;       // version 3
constexpr std::uint64_t kDeviceControl = 1U << 15U;  // version 5
constexpr std::uint64_t kTcp = 3;
constexpr std::uint64_t kAbstractSocketsAndSignals = 3;

std::uint64_t file_rights(long version) {
    return kFilesVersion1 | (version >= 2 ? kRefer : 0) | (version >= 3 ? kTruncate : 0) |
           (version >= 5 ? kDeviceControl : 0);
}

}  // namespace

Result<void> restrict_files(const std::string& folder) {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, std::size_t{0}, kAskVersion);
    if (version < 1) return fail_errno("landlock");
    RulesetAttributes attributes{file_rights(version), version >= 4 ? kTcp : 0,
                                 version >= 6 ? kAbstractSocketsAndSignals : 0};
    const std::size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    const UniqueFd ruleset(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0U)));
    if (!ruleset) return fail_errno("landlock_create_ruleset");
    if (!folder.empty()) {
        const UniqueFd place(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!place) return fail_errno(folder);
        const PathRule rule{attributes.files, place.get()};
        if (::syscall(SYS_landlock_add_rule, ruleset.get(), kPathBeneath, &rule, 0U) != 0)
            return fail_errno("landlock_add_rule");
    }
    if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0U) != 0)
        return fail_errno("landlock_restrict_self");
    return {};
}

}  // namespace cordon
