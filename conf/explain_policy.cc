// SPDX-License-Identifier: GPL-2.0-only
#include "conf/explain_policy.h"

#include "conf/base/mail_address.h"
#include "conf/options.h"

namespace cordon {

namespace {

ExplainedValue with_place(const Configuration& c, const OptionRow& row,
                          const std::vector<std::string>& sections) {
    for (const auto& section : sections) {
        const auto place = c.places.find(section + "." + row.name);
        if (place != c.places.end()) return {row.name, row.show(), place->second, section};
    }
    return {row.name, row.show(), "", ""};
}

}  // namespace

ExplainedPolicy explain_policy(const Configuration& configuration, std::string_view address) {
    ExplainedPolicy out;
    out.selection = configuration.policy.select(address);
    std::vector<std::string> sections;
    if (!out.selection.user.empty()) sections.push_back("user." + out.selection.user);
    // A user's section stands on that of its own domain.
    const auto domain =
        out.selection.user.empty() ? out.selection.domain : domain_of(out.selection.user);
    if (configuration.policy.domain(domain) != nullptr) sections.push_back("domain." + domain);
    sections.insert(sections.end(), {"policy", "milter"});
    Policy policy = configuration.policy.for_recipient(address);
    const auto table = OptionTable::of(policy);
    for (const auto& row : table.rows())
        out.values.push_back(with_place(configuration, row, sections));
    return out;
}

}  // namespace cordon
