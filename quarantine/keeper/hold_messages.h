// SPDX-License-Identifier: GPL-2.0-only
// hold: the milter hands a message over and gets its seal once it is on disk.
#pragma once

#include "quarantine/keeper/protocol.h"

namespace cordon {

struct HoldAnswer {
    std::string seal;  // value of X-Cordon-Seal, not folded; empty: none shall be written
};
void fields(auto& a, HoldAnswer& v) {
    a(v.seal);
}

/// The original is the descriptor: a sealed memfd or a read-only file.
struct HoldRequest {
    static constexpr auto kKind = KeeperRequest::hold;
    using Answer = HoldAnswer;
    std::string head;          // encode_head(HeldMessage)
    bool is_everyone = false;  // every recipient is held: the message may carry a seal
};
void fields(auto& a, HoldRequest& v) {
    a(v.head, v.is_everyone);
}

}  // namespace cordon
