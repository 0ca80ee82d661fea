// SPDX-License-Identifier: GPL-2.0-only
#include "milter/role_unit_records.h"

#include "conf/base/ipc.h"

namespace cordon {

namespace {

constexpr std::size_t kMostArguments = 32;
constexpr std::size_t kLongestText = 4096;
constexpr int kMostDescriptors = 16;

template <class... Parts>
struct Overloaded : Parts... {
    using Parts::operator()...;
};
template <class... Parts>
Overloaded(Parts...) -> Overloaded<Parts...>;

void write(RecordWriter& out, const UnitStart& start) {
    out.u32(static_cast<std::uint32_t>(start.arguments.size()));
    for (const auto& argument : start.arguments) out.text(argument);
    out.text(start.user).text(start.group);
}

UnitStart read_start(RecordReader& in) {
    UnitStart out;
    const auto count = in.count(4);
    for (std::uint32_t i = 0; i < count && i < kMostArguments; ++i)
        out.arguments.push_back(in.text(kLongestText));
    out.user = in.text(kLongestText);
    out.group = in.text(kLongestText);
    return out;
}

UnitRecord read_record(std::size_t kind, RecordReader& in) {
    switch (kind) {
        case 0: {
            auto version = in.text(kLongestText);
            return UnitHello{std::move(version), in.text(kLongestText)};
        }
        case 1: return UnitRefusal{in.text(kLongestText)};
        case 2: return UnitDescriptor{static_cast<int>(in.u8()) % kMostDescriptors};
        case 3: return read_start(in);
        case 4: {
            const auto pid = static_cast<pid_t>(in.u32());
            return UnitStarted{pid, in.text(kLongestText)};
        }
        default: {
            const auto pid = static_cast<pid_t>(in.u32());
            return UnitEnded{pid, static_cast<int>(in.u32())};
        }
    }
}

}  // namespace

std::string to_record(const UnitRecord& record) {
    RecordWriter out;
    out.u8(static_cast<std::uint8_t>(record.index()));
    std::visit(
        Overloaded{
            [&](const UnitHello& v) { out.text(v.version).text(v.program); },
            [&](const UnitRefusal& v) { out.text(v.reason); },
            [&](const UnitDescriptor& v) { out.u8(static_cast<std::uint8_t>(v.number)); },
            [&](const UnitStart& v) { write(out, v); },
            [&](const UnitStarted& v) { out.u32(static_cast<std::uint32_t>(v.pid)).text(v.error); },
            [&](const UnitEnded& v) {
                out.u32(static_cast<std::uint32_t>(v.pid))
                    .u32(static_cast<std::uint32_t>(v.status));
            }},
        record);
    return out.take();
}

Result<UnitRecord> parse_unit_record(std::string_view bytes) {
    RecordReader in(bytes);
    const std::size_t kind = in.u8();
    auto out = read_record(kind, in);
    if (!in.is_complete() || kind >= std::variant_size_v<UnitRecord>)
        return fail("a malformed record of a role's unit");
    return out;
}

}  // namespace cordon
