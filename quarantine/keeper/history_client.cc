// SPDX-License-Identifier: GPL-2.0-only
// Apart from the keeper's side: the milter and the command line link this and no database.
#include <thread>

#include "conf/base/ipc.h"
#include "quarantine/keeper/history_messages.h"

namespace cordon {

namespace {
constexpr Milliseconds kAskTime(10'000);
constexpr Milliseconds kBusyPause(50);
}  // namespace

Result<HistoryPage> find_history(const std::string& keeper_socket, const HistoryQuery& query) {
    for (const auto deadline = Deadline::in(kAskTime);;) {
        const auto answer = ask_keeper(keeper_socket, FindHistoryRequest{query}, -1, deadline);
        if (!answer) return tl::unexpected(answer.error());
        if (answer->is_busy && !deadline.is_over()) {
            std::this_thread::sleep_for(kBusyPause);
            continue;
        }
        if (answer->is_busy) return fail("the history is busy with another question");
        HistoryPage out;
        out.next = answer->next;
        for (const auto& entry : answer->entries) {
            auto record = decode_history(entry.record);
            if (!record) return tl::unexpected(record.error());
            out.entries.push_back({std::move(*record), entry.feedback});
        }
        return out;
    }
}

bool post_history(const std::string& keeper_socket, std::vector<std::string> records,
                  Milliseconds time) {
    const auto socket = connect_seqpacket(keeper_socket);
    if (!socket) return false;
    const PostHistoryRequest request{std::move(records)};
    const auto deadline = Deadline::in(time);
    const auto sent = send_frame(socket->get(), static_cast<std::uint8_t>(request.kKind),
                                 Encoder()(request).take(), -1, deadline);
    // Its answer says that it has read all of it; not waiting would save nothing here.
    return sent && receive_frame(socket->get(), deadline).has_value();
}

}  // namespace cordon
