// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/keeper/protocol.h"

#include <fmt/format.h>

#include "conf/base/ipc.h"

namespace cordon {

std::string encode_hold(const HeldMessage& message) {
    RecordWriter out;
    out.u8(kKeeperVersion).u8(static_cast<std::uint8_t>(KeeperRequest::hold));
    return out.text(encode_head(message)).take();
}

Result<HeldMessage> decode_hold(std::string_view record) {
    RecordReader in(record);
    const auto version = in.u8();
    if (version != kKeeperVersion)
        return fail(fmt::format("keeper: version {} asked, this is {}: restart Cordon", version,
                                kKeeperVersion));
    const auto kind = in.u8();
    const std::string head = in.text();
    if (!in.is_complete() || kind != static_cast<std::uint8_t>(KeeperRequest::hold))
        return fail("keeper: malformed request");
    std::size_t head_bytes = 0;
    return decode_head(head, head_bytes);
}

std::string encode_answer(const Result<void>& result) {
    RecordWriter out;
    out.u8(kKeeperVersion).u8(result ? 1 : 0).text(result ? "" : result.error().what);
    return out.take();
}

Result<void> decode_answer(std::string_view record) {
    RecordReader in(record);
    const bool is_known = in.u8() == kKeeperVersion;
    const auto status = in.u8();
    const std::string reason = in.text(4096);
    if (!is_known || !in.is_complete()) return fail("keeper: malformed answer");
    if (status != 1) return fail(reason);
    return {};
}

Result<void> keeper_hold(const std::string& socket_path, const HeldMessage& message, int original,
                         Deadline deadline) {
    const auto socket = connect_seqpacket(socket_path);
    if (!socket) return wrap("the keeper does not answer", socket.error());
    const auto sent = send_record(socket->get(), encode_hold(message), original, deadline);
    if (!sent) return wrap("the keeper does not answer", sent.error());
    const auto answer = receive_record(socket->get(), deadline);
    if (!answer) return wrap("the keeper does not answer", answer.error());
    if (!*answer) return fail("the keeper closed the connection without an answer");
    return decode_answer((*answer)->bytes);
}

}  // namespace cordon
