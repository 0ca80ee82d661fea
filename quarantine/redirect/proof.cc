// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/redirect/proof.h"

#include <fmt/format.h>

#include "conf/base/digest.h"
#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kLongestProof = 200;

std::string proof_path(const Configuration& c) {
    return c.cordon.state_directory + kReviewState + "/quarantine.proved";
}

/// What was proved.
std::string subject_of(const Configuration& c) {
    const auto& q = c.quarantine;
    return sha256_hex(q.mailbox + "\n" + q.imap_url + "\n" + q.imap_user);
}

}  // namespace

bool is_quarantine_proved(const Configuration& configuration) {
    const auto& q = configuration.quarantine;
    return q.imap_url.empty() || q.release_via.empty() || proved_at(configuration) != 0;
}

std::int64_t proved_at(const Configuration& configuration) {
    const auto text = read_file(proof_path(configuration), kLongestProof);
    if (!text) return 0;
    const auto fields = words(*text);
    if (fields.size() != 2 || fields[0] != subject_of(configuration)) return 0;
    return static_cast<std::int64_t>(parse_unsigned(fields[1]).value_or(0) & INT64_MAX);
}

Result<void> write_proof(const Configuration& configuration, std::int64_t now) {
    return replace_file(proof_path(configuration),
                        fmt::format("{} {}\n", subject_of(configuration), now), 0644);
}

std::string probe_request_path(const Configuration& configuration) {
    return configuration.cordon.run_directory + "/review.probe";
}

}  // namespace cordon
