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

/// The message for the raw scan, behind `mark`. Left out is only the middle of long base64 that can
/// be read in one way, is flawless, was decoded to its end and is shown decoded by itself.
std::string object_of_message(std::string_view mark, const Message& message);

}  // namespace cordon
