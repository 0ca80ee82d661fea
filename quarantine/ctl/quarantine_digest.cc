// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/quarantine_digest.h"

#include <fmt/format.h>

#include "conf/base/text.h"
#include "quarantine/ctl/command.h"
#include "quarantine/digest/digest_dispatch.h"

namespace cordon {

int send_digest_to(const Configuration& c, const std::string& address) {
    constexpr Milliseconds kKeeperTime(10'000);
    const auto job = ask_keeper(c.socket_path("keeper"), TakeDigestRequest{address}, -1,
                                Deadline::in(kKeeperTime));
    if (!job)
        return complain(job.error().what,
                        is_no_answer(job.error()) ? kExitUnavailable : kExitNoInput);
    if (auto sent = send_digest(c, *job); !sent)
        return complain("the digest was not sent: " + sent.error().what, kExitUnavailable);
    fmt::print("a digest of {} message(s) was sent to {}\n",
               job->digest.entries.size() + job->digest.more, printable(job->digest.address, 320));
    return kExitOk;
}

}  // namespace cordon
