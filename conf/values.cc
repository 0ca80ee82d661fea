// SPDX-License-Identifier: GPL-2.0-only
#include "conf/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/program_options/errors.hpp>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

#include "conf/base/text.h"
#include "conf/spelling.h"

namespace cordon {

#define CORDON_SPELLINGS(Enum, ...)                                                \
    template <>                                                                    \
    struct Spellings<Enum> {                                                       \
        static constexpr auto kTable = std::to_array<Spelling<Enum>>(__VA_ARGS__); \
    };

CORDON_SPELLINGS(Action, {{Action::accept, "accept"},
                          {Action::tag, "tag"},
                          {Action::quarantine, "quarantine"},
                          {Action::reject, "reject"},
                          {Action::defer, "defer"},
                          {Action::discard, "discard"}})
CORDON_SPELLINGS(Mode, {{Mode::enforce, "enforce"},
                        {Mode::tag_only, "tag-only"},
                        {Mode::shadow, "shadow"}})
CORDON_SPELLINGS(OnError, {{OnError::defer, "defer"}, {OnError::accept, "accept"}})
CORDON_SPELLINGS(OnStoreFailure, {{OnStoreFailure::tempfail, "tempfail"},
                                  {OnStoreFailure::hold, "hold"},
                                  {OnStoreFailure::redirect, "redirect"}})
CORDON_SPELLINGS(LogTarget, {{LogTarget::standard_error, "stderr"},
                             {LogTarget::syslog, "syslog"},
                             {LogTarget::journal, "journal"}})
CORDON_SPELLINGS(LogFormat, {{LogFormat::text, "text"}, {LogFormat::json, "json"}})
CORDON_SPELLINGS(LogLevel, {{LogLevel::debug, "debug"},
                            {LogLevel::info, "info"},
                            {LogLevel::warn, "warn"},
                            {LogLevel::error, "error"}})
CORDON_SPELLINGS(ScanMode,
                 {{ScanMode::parts, "parts"}, {ScanMode::whole, "whole"}, {ScanMode::both, "both"}})
CORDON_SPELLINGS(ReloadMode,
                 {{ReloadMode::concurrent, "concurrent"}, {ReloadMode::in_place, "in-place"}})
#undef CORDON_SPELLINGS

namespace {

struct Unit {
    std::string_view suffix;
    std::uint64_t factor;
};
// Largest first: shown values use the largest unit that divides them.
constexpr std::array<Unit, 5> kTimeUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kSizeUnits = {
    {{"G", 1U << 30U}, {"M", 1U << 20U}, {"K", 1024}, {"", 1}}};
constexpr std::uint64_t kMaxMilliseconds = 3650ULL * 86'400'000ULL;
constexpr std::uint64_t kMaxBytes = 1ULL << 50U;
constexpr double kMaxThreshold = 100'000;

/// Nothing when the text is no number, the unit is unknown or the product exceeds `limit`.
std::optional<std::uint64_t> parse_quantity(std::string_view text, std::span<const Unit> units,
                                            std::uint64_t limit) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_unsigned(text.substr(0, digits));
    const auto suffix = text.substr(digits);
    for (const auto& unit : units) {
        if (!iequals(unit.suffix, suffix)) continue;
        if (!number || *number > limit / unit.factor) return std::nullopt;
        return *number * unit.factor;
    }
    return std::nullopt;
}

std::string quantity_text(std::uint64_t value, std::span<const Unit> units) {
    for (const auto& unit : units) {
        if (value % unit.factor == 0 && value != 0)
            return fmt::format("{}{}", value / unit.factor, unit.suffix);
    }
    return fmt::format("0{}", units.back().suffix);
}

Result<MilterSocket> parse_inet(const std::string& text, std::string_view rest, bool is_v6) {
    const auto at = rest.find('@');
    const auto port = parse_unsigned(rest.substr(0, at));
    const std::string_view address = at == std::string_view::npos ? "" : rest.substr(at + 1);
    const auto ip = IpAddress::parse(address);
    const auto wanted = is_v6 ? IpAddress::Family::v6 : IpAddress::Family::v4;
    if (!port || *port == 0 || *port > 65535 || !ip || ip->family() != wanted)
        return fail(fmt::format("'{}' is not of the form {}", printable(text, 100),
                                is_v6 ? "inet6:PORT@::1" : "inet:PORT@127.0.0.1"));
    return MilterSocket{is_v6 ? MilterSocket::Family::inet6 : MilterSocket::Family::inet,
                        {},
                        std::string(address),
                        static_cast<std::uint16_t>(*port)};
}

}  // namespace

bool NetworkList::contains(const IpAddress& ip) const {
    return std::any_of(value.begin(), value.end(),
                       [&](const auto& net) { return net.contains(ip); });
}

void refuse_value(const std::string& message) {
    throw boost::program_options::error(message);
}

template <>
Result<Action> parse_value(const std::string& t) {
    return parse_enum<Action>(t);
}
template <>
Result<Mode> parse_value(const std::string& t) {
    return parse_enum<Mode>(t);
}
template <>
Result<OnError> parse_value(const std::string& t) {
    return parse_enum<OnError>(t);
}
template <>
Result<LogTarget> parse_value(const std::string& t) {
    return parse_enum<LogTarget>(t);
}
template <>
Result<LogFormat> parse_value(const std::string& t) {
    return parse_enum<LogFormat>(t);
}
template <>
Result<LogLevel> parse_value(const std::string& t) {
    return parse_enum<LogLevel>(t);
}
template <>
Result<ScanMode> parse_value(const std::string& t) {
    return parse_enum<ScanMode>(t);
}
template <>
Result<OnStoreFailure> parse_value(const std::string& t) {
    return parse_enum<OnStoreFailure>(t);
}
template <>
Result<ReloadMode> parse_value(const std::string& t) {
    return parse_enum<ReloadMode>(t);
}

template <>
Result<std::string> parse_value(const std::string& text) {
    return text;
}

template <>
Result<bool> parse_value(const std::string& text) {
    for (const char* word : {"yes", "on", "true", "1"})
        if (iequals(text, word)) return true;
    for (const char* word : {"no", "off", "false", "0"})
        if (iequals(text, word)) return false;
    return fail(fmt::format("'{}' is not yes or no", printable(text, 60)));
}

template <>
Result<unsigned> parse_value(const std::string& text) {
    const auto value = parse_unsigned(text);
    if (!value || *value > std::numeric_limits<unsigned>::max())
        return fail(fmt::format("'{}' is not a whole number", printable(text, 60)));
    return static_cast<unsigned>(*value);
}

template <>
Result<Duration> parse_value(const std::string& text) {
    if (text == "0") return Duration{};  // nothing, in whatever unit
    const auto value = parse_quantity(text, kTimeUnits, kMaxMilliseconds);
    if (!value)
        return fail(
            fmt::format("'{}' is not a time like 500ms, 20s, 5m, 2h or 30d", printable(text, 60)));
    return Duration{Milliseconds(*value)};
}

template <>
Result<ByteSize> parse_value(const std::string& text) {
    const auto value = parse_quantity(text, kSizeUnits, kMaxBytes);
    if (!value)
        return fail(
            fmt::format("'{}' is not a size like 4096, 64K, 50M or 10G", printable(text, 60)));
    return ByteSize{*value};
}

template <>
Result<Threshold> parse_value(const std::string& text) {
    if (iequals(text, "off")) return Threshold{};
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    // Written so that "nan" is refused too.
    if (text.empty() || error != std::errc() || stop != end || !(std::abs(value) <= kMaxThreshold))
        return fail(
            fmt::format("'{}' is not a score like 6 or 15.5, or 'off'", printable(text, 60)));
    return Threshold{value};
}

template <>
Result<WordList> parse_value(const std::string& text) {
    return WordList{words(text)};
}

template <>
Result<NetworkList> parse_value(const std::string& text) {
    NetworkList out;
    for (const auto& word : words(text)) {
        const auto network = IpNetwork::parse(word);
        if (!network)
            return fail(
                fmt::format("'{}' is not a network like 192.0.2.0/24", printable(word, 60)));
        out.value.push_back(*network);
    }
    return out;
}

template <>
Result<FileMode> parse_value(const std::string& text) {
    unsigned mode = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, mode, 8);
    if (text.empty() || error != std::errc() || stop != end || mode > 0777)
        return fail(fmt::format("'{}' is not an octal file mode like 0660", printable(text, 60)));
    return FileMode{mode};
}

template <>
Result<MilterSocket> parse_value(const std::string& text) {
    if (istarts_with(text, "inet:"))
        return parse_inet(text, std::string_view(text).substr(5), false);
    if (istarts_with(text, "inet6:"))
        return parse_inet(text, std::string_view(text).substr(6), true);
    MilterSocket out;
    if (istarts_with(text, "unix:") || istarts_with(text, "local:"))
        out.path = text.substr(text.find(':') + 1);
    if (!out.path.starts_with('/'))
        return fail(fmt::format(
            "'{}' is not of the form unix:/path, inet:PORT@ADDRESS or inet6:PORT@ADDRESS",
            printable(text, 100)));
    return out;
}

std::string to_text(const std::string& value) {
    return value;
}
std::string to_text(bool value) {
    return value ? "yes" : "no";
}
std::string to_text(unsigned value) {
    return std::to_string(value);
}
std::string to_text(Action value) {
    return enum_text(value);
}
std::string to_text(Mode value) {
    return enum_text(value);
}
std::string to_text(OnError value) {
    return enum_text(value);
}
std::string to_text(OnStoreFailure value) {
    return enum_text(value);
}
std::string to_text(LogTarget value) {
    return enum_text(value);
}
std::string to_text(LogFormat value) {
    return enum_text(value);
}
std::string to_text(LogLevel value) {
    return enum_text(value);
}
std::string to_text(ScanMode value) {
    return enum_text(value);
}
std::string to_text(ReloadMode value) {
    return enum_text(value);
}

std::string to_text(const Duration& value) {
    return quantity_text(static_cast<std::uint64_t>(value.value.count()), kTimeUnits);
}
std::string to_text(const ByteSize& value) {
    return quantity_text(value.value, kSizeUnits);
}
std::string to_text(const Threshold& value) {
    if (std::isinf(value.value)) return "off";
    std::array<char, 400> out{};  // no exponent, so that parse_value() reads it again
    const auto end =
        std::to_chars(out.data(), out.data() + out.size(), value.value, std::chars_format::fixed);
    return {out.data(), end.ptr};
}
std::string to_text(const WordList& value) {
    std::string out;
    for (const auto& word : value.value) {
        // After a blank it would begin a comment.
        const char* const separator = word.starts_with('#') ? "," : " ";
        out += (out.empty() ? "" : separator) + word;
    }
    return out;
}
std::string to_text(const NetworkList& value) {
    std::string out;
    for (const auto& network : value.value)
        out += fmt::format("{}{}/{}", out.empty() ? "" : " ", network.address.to_string(),
                           network.prefix);
    return out;
}
std::string to_text(const ScoreList& value) {
    std::string out;
    for (const auto& [rule, score] : value.value)
        out += fmt::format("{}{}={}", out.empty() ? "" : " ", rule, to_text(Threshold{score}));
    return out;
}
std::string to_text(const Thresholds& value) {
    std::string out;
    for (const auto& threshold : value.value) out += (out.empty() ? "" : " ") + to_text(threshold);
    return out;
}
std::string to_text(const FileMode& value) {
    return fmt::format("{:04o}", value.value);
}
std::string to_text(const MilterSocket& value) {
    if (value.family == MilterSocket::Family::unix_domain) return "unix:" + value.path;
    return fmt::format("{}:{}@{}", value.family == MilterSocket::Family::inet ? "inet" : "inet6",
                       value.port, value.address);
}

}  // namespace cordon
