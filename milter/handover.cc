// SPDX-License-Identifier: GPL-2.0-only
#include "milter/handover.h"

#include <unistd.h>

#include "conf/base/ipc.h"
#include "conf/role.h"

namespace cordon {

namespace {
constexpr std::size_t kMaxHandoverBytes = 128U << 20U;
}

Result<UniqueFd> write_handover(const Configuration& configuration, const Catalogue& catalogue) {
    RecordWriter out;
    out.text(configuration.text).text(catalogue.to_lines());
    return text_descriptor(out.take());
}

Result<SnapshotPtr> read_handover(int fd) {
    // Several children read the same open file: each from its start.
    ::lseek(fd, 0, SEEK_SET);
    const auto bytes = read_all(fd, kMaxHandoverBytes);
    if (!bytes) return wrap("configuration", bytes.error());
    RecordReader in(*bytes);
    const std::string text = in.text(kMaxHandoverBytes);
    const std::string lines = in.text(kMaxHandoverBytes);
    if (!in.is_complete()) return fail("configuration: malformed handover from cordond");
    auto configuration = parse_configuration(text, "configuration");
    if (!configuration) return tl::unexpected(configuration.error());
    auto catalogue = Catalogue::from_lines(lines);
    if (!catalogue) return tl::unexpected(catalogue.error());
    return make_snapshot(std::move(*configuration), std::move(*catalogue));
}

}  // namespace cordon
