// SPDX-License-Identifier: GPL-2.0-only
// Apart from the examination itself, so that cordond, which makes a snapshot to check the scores,
// links nothing of the lookups.
#include <fmt/format.h>

#include "conf/base/text.h"
#include "scoring/gather/examination.h"

namespace cordon {

namespace {

/// Rules that policies put scores on must exist.
Result<void> check_own_scores(const Configuration& c, const Catalogue& catalogue) {
    Result<void> out;
    const auto check = [&](const std::string& section, const Policy& policy) {
        for (const auto& [rule, score] : policy.scores.value) {
            if (!out || catalogue.find(rule) != nullptr) continue;
            const auto place = c.places.find(section + ".scores");
            out = fail(fmt::format("{}no rule is named {} (see 'cordon rules')",
                                   place == c.places.end() ? "" : place->second + ": ",
                                   printable(rule, 60)));
        }
    };
    check("policy", c.policy.site);
    c.policy.for_each(check);
    return out;
}

}  // namespace

Result<SnapshotPtr> make_snapshot(ConfigurationPtr configuration, Catalogue catalogue) {
    for (const auto& entry : configuration->scores) {
        if (auto done = catalogue.override_score(entry.rule, entry.score); !done)
            return wrap(entry.where, done.error());
    }
    for (const auto& entry : configuration->shadow_scores) {
        if (auto done = catalogue.set_trial_score(entry.rule, entry.score); !done)
            return wrap(entry.where, done.error());
    }
    if (auto done = check_own_scores(*configuration, catalogue); !done)
        return tl::unexpected(done.error());
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->pools.content = configuration->socket_path("content");
    if (configuration->clamav.enabled)
        snapshot->pools.antivirus = configuration->socket_path("antivirus");
    snapshot->configuration = std::move(configuration);
    snapshot->catalogue = std::move(catalogue);
    return SnapshotPtr(std::move(snapshot));
}

}  // namespace cordon
