// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/iprev.h"

#include "conf/base/text.h"
#include "scoring/lookups/spf.h"

namespace cordon {

std::string_view to_text(IprevOutcome::Result result) {
    switch (result) {
        case IprevOutcome::Result::pass: return "pass";
        case IprevOutcome::Result::fail: return "fail";
        case IprevOutcome::Result::temperror: return "temperror";
        case IprevOutcome::Result::permerror: return "permerror";
    }
    return "permerror";
}

std::optional<IprevOutcome> check_iprev(const IpAddress& client, Lookups& lookups) {
    const auto validated = validated_names(client, lookups);
    if (!validated) return std::nullopt;
    IprevOutcome out;
    if (!validated->names.empty()) {
        out.result = IprevOutcome::Result::pass;
        out.name = printable(validated->names.front(), 255);
    } else if (!validated->problem.empty()) {
        out.result = IprevOutcome::Result::temperror;
    } else if (validated->has_names) {
        out.result = IprevOutcome::Result::fail;
    }
    return out;
}

}  // namespace cordon
