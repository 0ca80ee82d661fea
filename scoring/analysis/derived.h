// SPDX-License-Identifier: GPL-2.0-only
// What several checks and rules make of one message, made when the first of them asks, once.
#pragma once

#include <string_view>
#include <vector>

#include "scoring/analysis/trail.h"
#include "scoring/checks/check.h"
#include "scoring/message/address.h"

namespace cordon {

/// The Received fields, read.
const std::vector<Hop>& trail_of(const CheckInput& input);

/// The mailboxes of the first From field, ten at most; empty without one.
const std::vector<Mailbox>& authors_of(const CheckInput& input);

/// fold_text() of `text`, which is one of the message's texts.
std::string_view folded_text(const CheckInput& input, const BodyText& text);

}  // namespace cordon
