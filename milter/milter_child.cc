// SPDX-License-Identifier: GPL-2.0-only
#include "milter/milter_child.h"

#include <unistd.h>

#include <csignal>
#include <thread>

#include "conf/base/ipc.h"
#include "conf/base/log.h"
#include "conf/base/program.h"
#include "milter/callbacks.h"
#include "milter/handover.h"
#include "milter/listener.h"

namespace cordon {

namespace {

// cordond ends the workers after 3 s, so that what is still in flight is answered 451.
constexpr Milliseconds kFinishTime(4000);
constexpr Milliseconds kFinishStep(5);
constexpr Milliseconds kHistoryTime(200);
// libmilter writes the answer after the callback has returned.
constexpr Milliseconds kReplyTime(30);
constexpr Milliseconds kForever(365LL * 86'400'000);

/// libmilter looks for its stop only every 5 s, or when a connection comes in. The listener is
/// shared: several attempts until each process has had one.
[[noreturn]] void stop_at_once(const MilterSocket& socket) {
    ::kill(::getpid(), SIGTERM);
    for (;;) {
        touch_listener(socket);
        std::this_thread::sleep_for(kFinishStep);
    }
}

void follow_reloads(MilterProcess& process, int control) {
    const MilterSocket socket = process.snapshot()->configuration->milter.socket;
    for (;;) {
        const auto record = receive_record(control, Deadline::in(kForever));
        if (!record || !*record) break;
        auto snapshot = read_handover((*record)->fd.get());
        if (!snapshot) {
            log::error("reload-failed", {{"error", snapshot.error().what}});
            continue;
        }
        const auto& options = (*snapshot)->configuration->log;
        log::open("cordon-milter", options.target, options.format, options.level);
        process.replace_snapshot(
            with_resolver(*snapshot, process.snapshot(), process.context().metrics));
    }
    stop_at_once(socket);  // the parent is gone, and a new one wants the socket
}

void wait_for_end_of_messages(MilterProcess& process) {
    const auto deadline = Deadline::in(kFinishTime);
    while (process.in_flight() > 0 && !deadline.is_over()) std::this_thread::sleep_for(kFinishStep);
    std::this_thread::sleep_for(kReplyTime);
}

}  // namespace

int run_milter_child(SnapshotPtr snapshot, int control, std::shared_ptr<Metrics> metrics) {
    snapshot = with_resolver(snapshot, nullptr, metrics);
    const auto& options = snapshot->configuration->milter;
    const auto idle = std::chrono::duration_cast<std::chrono::seconds>(options.idle_timeout.value);
    // Never destroyed: libmilter's threads may outlive smfi_main.
    auto* const process = std::make_unique<MilterProcess>(snapshot, std::move(metrics)).release();
    process->keep_history(std::make_shared<HistorySender>(process->context().keeper_socket,
                                                          process->context().metrics));
    set_milter_process(process);
    ::smfi_settimeout(static_cast<int>(std::max<std::int64_t>(idle.count(), 1)));
    std::thread([process, control] { follow_reloads(*process, control); }).detach();
    const int code = ::smfi_main();
    wait_for_end_of_messages(*process);
    process->context().history->flush(kHistoryTime);
    return code == MI_SUCCESS ? kExitOk : kExitSoftware;
}

}  // namespace cordon
