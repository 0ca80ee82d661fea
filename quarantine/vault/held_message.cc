// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/vault/held_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::string_view kMagic = "CORDON-HELD 1\n";
constexpr std::size_t kMaxRecipients = 100'000;
constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::int64_t>::max();

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char letter = ascii_lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace

std::string value_encoded(std::string_view value) {
    std::string out;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F || c == '%')
            out += fmt::format("%{:02x}", byte);
        else
            out += c;
    }
    return out;
}

std::string value_decoded(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool is_escape = value[i] == '%' && i + 2 < value.size() &&
                               hex_value(value[i + 1]) >= 0 && hex_value(value[i + 2]) >= 0;
        if (!is_escape) {
            out += value[i];
            continue;
        }
        out += static_cast<char>(hex_value(value[i + 1]) * 16 + hex_value(value[i + 2]));
        i += 2;
    }
    return out;
}

namespace {

struct TextKey {
    std::string_view key;
    std::string HeldMessage::*member;
};
constexpr std::array<TextKey, 17> kTextKeys = {{
    {"id", &HeldMessage::id},
    {"home", &HeldMessage::home},
    {"client", &HeldMessage::client},
    {"client-name", &HeldMessage::client_name},
    {"helo", &HeldMessage::helo},
    {"auth-user", &HeldMessage::auth_user},
    {"queue-id", &HeldMessage::queue_id},
    {"mail-from", &HeldMessage::mail_from},
    {"mail-parameters", &HeldMessage::mail_parameters},
    {"reason", &HeldMessage::reason},
    {"score", &HeldMessage::score},
    {"rules", &HeldMessage::rules},
    {"virus", &HeldMessage::virus},
    {"subject", &HeldMessage::subject},
    {"from", &HeldMessage::from},
    {"author", &HeldMessage::author},
    {"report", &HeldMessage::report},
}};

Result<void> read_field(HeldMessage& out, std::string_view key, const std::string& value) {
    if (key == "rcpt") {
        if (out.recipients.size() >= kMaxRecipients) return fail("too many recipients");
        out.recipients.push_back({value, {}});
    } else if (key == "rcpt-parameters") {
        if (out.recipients.empty()) return fail("parameters without a recipient");
        out.recipients.back().parameters = value;
    } else if (key == "sha256") {
        out.sha256 = value;
    } else if (key == "size" || key == "received-at") {
        const auto number = parse_unsigned(value);
        if (!number || *number > kMaxNumber) return fail(fmt::format("'{}' is no number", key));
        if (key == "size")
            out.size = *number;
        else
            out.received_at = static_cast<std::int64_t>(*number);
    } else {
        const auto* const found = std::find_if(kTextKeys.begin(), kTextKeys.end(),
                                               [key](const auto& row) { return row.key == key; });
        if (found != kTextKeys.end())
            out.*found->member = value;  // unknown keys: a newer version's
    }
    return {};
}

}  // namespace

bool is_message_id(std::string_view id) {
    return id.size() >= 8 && id.size() <= 64 &&
           std::all_of(id.begin(), id.end(), [](char c) { return is_digit(c) || is_alpha(c); });
}

std::string encode_head(const HeldMessage& message) {
    std::string out(kMagic);
    const auto line = [&out](std::string_view key, std::string_view value) {
        out += fmt::format("{}={}\n", key, value_encoded(value));
    };
    for (const auto& [key, member] : kTextKeys) line(key, message.*member);
    line("received-at", std::to_string(message.received_at));
    for (const auto& recipient : message.recipients) {
        line("rcpt", recipient.path);
        if (!recipient.parameters.empty()) line("rcpt-parameters", recipient.parameters);
    }
    line("size", std::to_string(message.size));
    line("sha256", message.sha256);
    return out + "\n";
}

Result<HeldMessage> decode_head(std::string_view bytes, std::size_t& head_bytes) {
    if (!bytes.starts_with(kMagic)) return fail("not a held message of this version");
    HeldMessage out;
    std::size_t position = kMagic.size();
    for (;;) {
        const auto end = bytes.find('\n', position);
        if (end == std::string_view::npos) return fail("the head of the held message is cut");
        const auto line = bytes.substr(position, end - position);
        position = end + 1;
        if (line.empty()) break;
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) return fail("a line without '='");
        auto read = read_field(out, line.substr(0, equals), value_decoded(line.substr(equals + 1)));
        if (!read) return tl::unexpected(read.error());
    }
    if (!is_message_id(out.id)) return fail("no valid id");
    head_bytes = position;
    return out;
}

}  // namespace cordon
