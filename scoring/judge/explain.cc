// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/judge/explain.h"

#include <fmt/format.h>

#include "conf/base/text.h"

namespace cordon {

std::string explain(const Verdict& verdict, const Decision& decision, const Policy& policy) {
    std::string out =
        fmt::format("{} ({})\n", to_text(decision.action), printable(decision.reason));
    out += fmt::format("score {} (tag {}, quarantine {}, reject {})\n", verdict.score,
                       to_text(policy.tag), to_text(policy.quarantine), to_text(policy.reject));
    if (!verdict.virus.empty()) out += fmt::format("virus {}\n", printable(verdict.virus));
    for (const auto& reason : verdict.unread)
        out += fmt::format("not read in full ({}): {}\n", unread_name(reason.kind),
                           printable(reason.detail));
    for (const auto& hit : verdict.hits) {
        out += fmt::format("{:>7.2f} {:<28} {}", hit.score, hit.rule, printable(hit.describe));
        if (!hit.detail.empty()) out += fmt::format(" [{}]", printable(hit.detail, 200));
        out += '\n';
    }
    for (const auto& name : verdict.unknown) out += fmt::format("unknown: {}\n", printable(name));
    return out;
}

}  // namespace cordon
