// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/ipc.h"
#include "quarantine/keeper/learn_messages.h"

namespace cordon {

bool post_event(const std::string& keeper_socket, const LearnEvent& event) {
    const auto socket = connect_seqpacket(keeper_socket);
    if (!socket) return false;
    LearnRequest request;
    request.events.push_back(event);
    return send_frame(socket->get(), static_cast<std::uint8_t>(LearnRequest::kKind),
                      Encoder()(request).take(), -1, Deadline::in(Milliseconds(0)))
        .has_value();
}

}  // namespace cordon
