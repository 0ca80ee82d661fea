// SPDX-License-Identifier: GPL-2.0-only
// What of a message libclamav is shown in the mode `parts`: each distinct content once. Every
// object costs a fixed amount, whatever its size, since logical signatures are looked at anew.
#pragma once

#include <string>
#include <string_view>

#include "scoring/message/message.h"

namespace cordon {

/// Whether the part must be shown by itself; the raw scan sees the rest as it stands.
bool needs_own_scan(const Part& part);

/// The message for the raw scan. Of what is cleanly in base64, and so shown decoded, only the
/// beginning is left.
std::string without_base64(const Message& message);

}  // namespace cordon
