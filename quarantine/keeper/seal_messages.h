// SPDX-License-Identifier: GPL-2.0-only
// Seals: the keeper alone has the keys.
#pragma once

#include "quarantine/keeper/protocol.h"

namespace cordon {

struct OpenSealAnswer {
    std::string head;          // the message as it was held, without its report
    bool is_in_vault = false;  // of this host
    bool is_complete = false;  // the seal had room for all recipients
};
void fields(auto& a, OpenSealAnswer& v) {
    a(v.head, v.is_in_vault, v.is_complete);
}

struct OpenSealRequest {
    static constexpr auto kKind = KeeperRequest::open_seal;
    using Answer = OpenSealAnswer;
    std::string seal;
};
void fields(auto& a, OpenSealRequest& v) {
    a(v.seal);
}

struct RestoreAnswer {
    std::string id;
    bool is_exact = false;  // the bytes are those that were sealed
};
void fields(auto& a, RestoreAnswer& v) {
    a(v.id, v.is_exact);
}

/// The descriptor: mail that ends with the bytes of the original, such as the copy in a mailbox.
struct RestoreRequest {
    static constexpr auto kKind = KeeperRequest::restore;
    using Answer = RestoreAnswer;
    std::string seal;
    std::string who;
};
void fields(auto& a, RestoreRequest& v) {
    a(v.seal, v.who);
}

struct RotateKeyAnswer {
    std::string id;  // of the new key
};
void fields(auto& a, RotateKeyAnswer& v) {
    a(v.id);
}

/// From now on another key seals; the old one opens for as long as mail is kept.
struct RotateKeyRequest {
    static constexpr auto kKind = KeeperRequest::rotate_key;
    using Answer = RotateKeyAnswer;
    std::string who;
};
void fields(auto& a, RotateKeyRequest& v) {
    a(v.who);
}

struct SealOfAnswer {
    std::string seal;  // empty: it has no room for one
};
void fields(auto& a, SealOfAnswer& v) {
    a(v.seal);
}

/// The seal of a held message, for its review item.
struct SealOfRequest {
    static constexpr auto kKind = KeeperRequest::seal_of;
    using Answer = SealOfAnswer;
    std::string id;
};
void fields(auto& a, SealOfRequest& v) {
    a(v.id);
}

}  // namespace cordon
