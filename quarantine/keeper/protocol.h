// SPDX-License-Identifier: GPL-2.0-only
// How the other roles speak to the keeper: one SEQPACKET connection a request, one frame each way,
// at most one descriptor in each. Every request is a structure with its number and its answer, in
// keeper/*_messages.h; the next one is a structure there, a handler in keeper/*_requests.cc and a
// function in client.h. A version talks only to itself.
#pragma once

#include <string>
#include <string_view>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"
#include "conf/base/result.h"
#include "quarantine/keeper/codec.h"

namespace cordon {

constexpr std::uint8_t kKeeperVersion = 4;

/// Numbers of requests, a block of ten for each family.
enum class KeeperRequest : std::uint8_t {
    hold = 1,
    open = 10,
    open_seal = 11,
    restore = 12,
    list = 13,
    events = 14,
    rotate_key = 15,
    seal_of = 16,
    recipients_of = 17,
    keeping_status = 18,
    order_release = 20,
    order_confirm = 21,
    order_delete = 22,
    take_order = 23,
    record_result = 24,
    mark_filed = 25,
    resume = 26,
    issue_nonce = 30,
    take_nonce = 31,
    learn = 40,
    rebuild = 41,
    learning_status = 42,
    post_history = 50,
    find_history = 51,
    erase_history = 52,
    take_digest = 60,
    record_digest = 61,
    answer_digest = 62,
    recall = 43,
    sent_mail = 44,
    behaviour = 45,
};

struct Frame {
    std::uint8_t kind = 0;  // a KeeperRequest; of an answer: 1 good, 0 refused, the body says why
    std::string body;
    UniqueFd fd;
};

/// A body that is too long for a record travels in a memfd behind it.
Result<void> send_frame(int socket, std::uint8_t kind, std::string_view body, int fd,
                        Deadline deadline);
/// An error also when the other side closed, or speaks another version.
Result<Frame> receive_frame(int socket, Deadline deadline);

/// A request and its answer, as the client sees them: the error is what the keeper said, or that it
/// did not answer. `fd` is borrowed; `received` takes the descriptor of the answer.
Result<std::string> ask_keeper(const std::string& socket_path, const Frame& request, int fd,
                               Deadline deadline, UniqueFd* received = nullptr);

/// Sends and does not wait: false when the keeper is not there or busy, and nothing was said.
bool post_frame(const std::string& socket_path, std::uint8_t kind, const std::string& body);

/// The keeper gave no answer at all; any other error of ask_keeper() is what it said.
bool is_no_answer(const Error& error);

template <typename Request>
Result<typename Request::Answer> ask_keeper(const std::string& socket_path, const Request& request,
                                            int fd, Deadline deadline,
                                            UniqueFd* received = nullptr) {
    const Frame frame{static_cast<std::uint8_t>(Request::kKind), Encoder()(request).take(), {}};
    const auto body = ask_keeper(socket_path, frame, fd, deadline, received);
    if (!body) return tl::unexpected(body.error());
    typename Request::Answer answer;
    Decoder in(*body);
    if (!in(answer).is_complete()) return fail("keeper: malformed answer");
    return answer;
}

struct Nothing {};
void fields(auto&, Nothing&) {}

}  // namespace cordon
