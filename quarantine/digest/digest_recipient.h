// SPDX-License-Identifier: GPL-2.0-only
// Who gets a digest, and who may answer one: by policy, and by what the address looks like.
#pragma once

#include <string>
#include <string_view>

#include "conf/configuration.h"

namespace cordon {

/// The person for whom mail to this recipient is: the address itself, or the one that it stands for
/// (cordon.address-map). Empty: nobody of our own domains, a program, or the quarantine itself.
std::string own_recipient(const Configuration& configuration, std::string_view path);

/// The address to which the digest for a recipient of held mail goes. Empty: he gets none.
std::string digest_address(const Configuration& configuration, std::string_view path);

/// Whether both are one person, as far as the configuration knows: the same mailbox, an extension
/// of it, or an alias.
bool is_same_person(const Configuration& configuration, std::string_view a, std::string_view b);

}  // namespace cordon
