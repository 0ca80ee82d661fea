// SPDX-License-Identifier: GPL-2.0-only
// Proof that held mail finds its way: a probe has travelled through the MTA into the quarantine
// mailbox and was found there over IMAP. Until then nothing is redirected to a mailbox that may not
// exist. The reviewer writes it, the milter reads it; another mailbox or server needs another
// proof.
#pragma once

#include <cstdint>
#include <string>

#include "conf/configuration.h"

namespace cordon {

/// Whether mail may be held. Without imap-url and release-via no probe can be sent, and none is
/// asked for.
bool is_quarantine_proved(const Configuration& configuration);

/// When it was proved, in seconds since the epoch; 0: not yet, or for another mailbox.
std::int64_t proved_at(const Configuration& configuration);

Result<void> write_proof(const Configuration& configuration, std::int64_t now);

/// Below the state directory: what the reviewer writes itself. Its unit opens no other folder to
/// it.
constexpr const char* kReviewState = "/review";

/// A file that asks the reviewer for a new probe: `cordon quarantine probe` makes it.
std::string probe_request_path(const Configuration& configuration);

}  // namespace cordon
