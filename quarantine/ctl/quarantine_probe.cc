// SPDX-License-Identifier: GPL-2.0-only
// cordon quarantine probe: a test message through the MTA into the quarantine mailbox and out
// again.
#include "quarantine/ctl/quarantine_probe.h"

#include <fmt/format.h>
#include <unistd.h>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"
#include "quarantine/ctl/command.h"
#include "quarantine/redirect/proof.h"
#include "quarantine/review/review_status.h"

namespace cordon {

namespace {

constexpr Milliseconds kPatience(70'000);
constexpr unsigned kPauseMicroseconds = 100'000;

/// What the reviewer says stands in the way.
std::string trouble(const Configuration& c) {
    constexpr std::size_t kLongestStatus = 65536;
    const auto text = read_file(review_status_path(c.cordon.run_directory), kLongestStatus);
    if (!text) return "the reviewer does not run";
    const auto status = decode_review_status(*text);
    if (!status || status->problem.empty()) return "see the log of cordon-review";
    return status->problem;
}

}  // namespace

int probe_quarantine(const Configuration& c) {
    const auto& q = c.quarantine;
    if (q.mailbox.empty() || q.imap_url.empty() || q.release_via.empty())
        return complain(
            "a probe needs [quarantine] mailbox, imap-url and release-via in the configuration",
            kExitConfig);
    const auto begin = Steady::now();
    const auto asked = unix_time();
    const auto request = probe_request_path(c);
    if (auto written = replace_file(request, "probe\n", 0644); !written)
        return complain(written.error().what, kExitOs);
    for (const auto deadline = Deadline::in(kPatience); !deadline.is_over();) {
        if (proved_at(c) >= asked) {
            const auto span =
                std::chrono::duration_cast<std::chrono::duration<double>>(Steady::now() - begin);
            fmt::print(
                "a probe went through the MTA into the mailbox of {} and out again: {:.1f} s\n",
                q.mailbox, span.count());
            return kExitOk;
        }
        ::usleep(kPauseMicroseconds);
    }
    ::unlink(request.c_str());
    return complain("no probe arrived: " + trouble(c), kExitUnavailable);
}

}  // namespace cordon
