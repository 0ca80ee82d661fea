// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/keeper/protocol.h"

#include <fmt/format.h>

#include "conf/base/ipc.h"

namespace cordon {

namespace {

constexpr std::size_t kMostInRecord = kMaxRecordBytes - 1024;
constexpr std::uint8_t kGood = 1;
constexpr std::string_view kNoAnswer = "the keeper does not answer";

Result<Record> next_record(int socket, Deadline deadline) {
    auto record = receive_record(socket, deadline);
    if (!record) return tl::unexpected(record.error());
    if (!*record) return fail("the connection was closed");
    return std::move(**record);
}

Result<void> send_in_memory(int socket, std::string_view body, Deadline deadline) {
    if (body.size() > kMaxKeeperBody) return fail("too long for the keeper's protocol");
    const auto memory = make_memfd("cordon-frame");
    if (!memory) return tl::unexpected(memory.error());
    if (auto done = write_all(memory->get(), body); !done) return done;
    if (auto done = seal_memfd(memory->get()); !done) return done;
    return send_record(socket, "body", memory->get(), deadline);
}

Result<std::string> receive_in_memory(int socket, Deadline deadline) {
    const auto record = next_record(socket, deadline);
    if (!record) return tl::unexpected(record.error());
    // Not sealed, it could be shortened under our hands.
    if (!record->fd || !is_sealed(record->fd.get())) return fail("keeper: malformed frame");
    const auto bytes = Mapping::of(record->fd.get());
    if (!bytes) return tl::unexpected(bytes.error());
    if (bytes->bytes().size() > kMaxKeeperBody) return fail("keeper: malformed frame");
    return std::string(bytes->bytes());
}

}  // namespace

Result<void> send_frame(int socket, std::uint8_t kind, std::string_view body, int fd,
                        Deadline deadline) {
    const bool is_apart = body.size() > kMostInRecord;
    RecordWriter out;
    out.u8(kKeeperVersion).u8(kind).u8(is_apart ? 1 : 0).text(is_apart ? "" : body);
    auto sent = send_record(socket, out.take(), fd, deadline);
    if (sent && is_apart) sent = send_in_memory(socket, body, deadline);
    return sent;
}

Result<Frame> receive_frame(int socket, Deadline deadline) {
    auto record = next_record(socket, deadline);
    if (!record) return tl::unexpected(record.error());
    RecordReader in(record->bytes);
    const auto version = in.u8();
    if (version != kKeeperVersion)
        return fail(fmt::format("keeper: version {} asked, this is {}: restart Cordon", version,
                                kKeeperVersion));
    Frame out;
    out.kind = in.u8();
    const auto is_apart = in.u8();
    out.body = in.text();
    out.fd = std::move(record->fd);
    if (!in.is_complete() || is_apart > 1) return fail("keeper: malformed frame");
    if (is_apart == 0) return out;
    auto body = receive_in_memory(socket, deadline);
    if (!body) return tl::unexpected(body.error());
    out.body = std::move(*body);
    return out;
}

bool is_no_answer(const Error& error) {
    return error.what.starts_with(kNoAnswer);
}

Result<std::string> ask_keeper(const std::string& socket_path, const Frame& request, int fd,
                               Deadline deadline, UniqueFd* received) {
    const auto no_answer = [](const Error& error) { return wrap(kNoAnswer, error); };
    const auto socket = connect_seqpacket(socket_path);
    if (!socket) return no_answer(socket.error());
    const auto sent = send_frame(socket->get(), request.kind, request.body, fd, deadline);
    if (!sent) return no_answer(sent.error());
    auto answer = receive_frame(socket->get(), deadline);
    if (!answer) return no_answer(answer.error());
    if (answer->kind != kGood) return fail(answer->body);
    if (received != nullptr) *received = std::move(answer->fd);
    return std::move(answer->body);
}

}  // namespace cordon
