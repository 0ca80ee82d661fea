// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/event_record.h"

#include "conf/base/ipc.h"

namespace cordon {

namespace {
constexpr std::uint8_t kVersion = 1;
}

std::string encode_event(const LearnEvent& event) {
    RecordWriter out;
    out.u8(kVersion).text(event.identity).u8(event.is_spam ? 1 : 0);
    out.u8(static_cast<std::uint8_t>(event.origin));
    out.u64(static_cast<std::uint64_t>(event.time)).text(event.features);
    return out.take();
}

Result<LearnEvent> decode_event(std::string_view bytes) {
    RecordReader in(bytes);
    if (in.u8() != kVersion) return fail("an event of another version");
    LearnEvent out;
    out.identity = in.text();
    const auto label = in.u8();
    out.is_spam = label == 1;
    out.origin = static_cast<LabelOrigin>(in.u8());
    out.time = static_cast<std::int64_t>(in.u64());
    out.features = in.text();
    if (!in.is_complete() || label > 1 || !is_plausible(out)) return fail("a damaged event");
    if (const auto features = decode_features(out.features); !features)
        return tl::unexpected(features.error());
    return out;
}

bool is_plausible(const LearnEvent& event) {
    constexpr std::size_t kIdentity = 64;
    return event.identity.size() == kIdentity &&
           event.identity.find_first_not_of("0123456789abcdef") == std::string::npos &&
           (event.origin == LabelOrigin::person || event.origin == LabelOrigin::automatic);
}

}  // namespace cordon
