// SPDX-License-Identifier: GPL-2.0-only
// A held message as the vault keeps it: one file, a head of key=value lines (percent-encoded, own
// format, read as carefully as foreign input), an empty line, then the exact bytes of the original.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

/// A recipient with the bytes of RCPT TO as received: the MTA matches them exactly.
struct EnvelopeRecipient {
    std::string path;        // "<alice@example.org>"
    std::string parameters;  // ESMTP parameters, separated by blanks
};

struct HeldMessage {
    std::string id;
    std::int64_t received_at = 0;  // seconds since the epoch
    std::string home;              // host whose vault this is
    std::string client;            // IP address
    std::string client_name;
    std::string helo;
    std::string auth_user;
    std::string queue_id;
    std::string mail_from;  // path as received, "<>" for the null sender
    std::string mail_parameters;
    std::vector<EnvelopeRecipient> recipients;  // the held ones only
    std::string reason;                         // of the decision, in words
    std::string score;
    std::string rules;  // names separated by commas
    std::string virus;
    std::string subject;  // printable, written by the worker
    std::string from;
    std::string author;      // address of From where it was authenticated, else empty
    std::string report;      // plain text for people, written by the worker and judge
    std::uint64_t size = 0;  // of the original
    std::string sha256;      // of the original, hex
};

/// An id is used as a file name: 8 to 64 letters and digits, nothing else.
bool is_message_id(std::string_view id);

/// Values of key=value lines: control characters and '%' as %xx.
std::string value_encoded(std::string_view value);
std::string value_decoded(std::string_view value);

std::string encode_head(const HeldMessage& message);

/// Reads a head (up to and including its empty line); `head_bytes` is its length.
Result<HeldMessage> decode_head(std::string_view bytes, std::size_t& head_bytes);

}  // namespace cordon
