// SPDX-License-Identifier: GPL-2.0-only
// What is told to the keeper without waiting for it. Apart from the client, since the milter links
// nothing else of learning.
#include "conf/base/ipc.h"
#include "quarantine/keeper/learn_messages.h"

namespace cordon {

bool post_frame(const std::string& socket_path, std::uint8_t kind, const std::string& body) {
    const auto socket = connect_seqpacket(socket_path);
    return socket &&
           send_frame(socket->get(), kind, body, -1, Deadline::in(Milliseconds(0))).has_value();
}

bool post_event(const std::string& keeper_socket, const LearnEvent& event) {
    LearnRequest request;
    request.events.push_back(event);
    return post_frame(keeper_socket, static_cast<std::uint8_t>(LearnRequest::kKind),
                      Encoder()(request).take());
}

}  // namespace cordon
