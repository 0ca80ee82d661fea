// SPDX-License-Identifier: GPL-2.0-only
// What the other roles ask of the keeper: one SEQPACKET connection a request, one record each way.
// hold(message, envelope, verdict): stored and fsynced when the answer is good.
#pragma once

#include <string>
#include <string_view>

#include "conf/base/clock.h"
#include "conf/base/result.h"
#include "quarantine/vault/held_message.h"

namespace cordon {

constexpr std::uint8_t kKeeperVersion = 1;
enum class KeeperRequest : std::uint8_t { hold = 1 };

/// The client's side. `original` is a sealed memfd or a read-only file, borrowed.
Result<void> keeper_hold(const std::string& socket_path, const HeldMessage& message, int original,
                         Deadline deadline);

std::string encode_hold(const HeldMessage& message);
Result<HeldMessage> decode_hold(std::string_view record);

std::string encode_answer(const Result<void>& result);
Result<void> decode_answer(std::string_view record);

}  // namespace cordon
