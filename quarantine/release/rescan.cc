// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/release/rescan.h"

#include "conf/base/ipc.h"
#include "conf/base/log.h"
#include "scoring/scanner/wire.h"

namespace cordon {

namespace {

Result<AntivirusResult> scan(const Configuration& c, std::string_view original) {
    const auto memory = make_memfd("cordon-rescan");
    if (!memory) return tl::unexpected(memory.error());
    if (auto done = write_all(memory->get(), original); !done) return tl::unexpected(done.error());
    if (auto done = seal_memfd(memory->get()); !done) return tl::unexpected(done.error());
    const auto socket = connect_seqpacket(c.socket_path("antivirus"));
    if (!socket) return tl::unexpected(socket.error());
    ScanRequest request;
    request.kind = ScanKind::antivirus;
    request.deadline = Deadline::in(c.scanner.timeout.value);
    request.size = original.size();
    const auto sent = send_record(socket->get(), encode(request), memory->get(), request.deadline);
    if (!sent) return tl::unexpected(sent.error());
    const auto answer = receive_record(socket->get(), request.deadline);
    if (!answer) return tl::unexpected(answer.error());
    if (!*answer) return fail("the worker died");
    return decode_antivirus((*answer)->bytes);
}

}  // namespace

std::optional<std::string> find_virus(const Configuration& configuration,
                                      std::string_view original) {
    if (!configuration.clamav.enabled) return std::nullopt;
    const auto result = scan(configuration, original);
    if (!result) {
        log::warn("rescan-failed", {{"error", result.error().what}});
        return std::nullopt;
    }
    return result->virus;
}

}  // namespace cordon
