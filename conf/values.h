// SPDX-License-Identifier: GPL-2.0-only
// The types of configuration values: how each is written, read and shown. Boost.Program_options
// finds validate() by argument-dependent lookup; its exception carries the sentence for the
// administrator.
#pragma once

#include <boost/any.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "conf/address_list.h"
#include "conf/address_map.h"
#include "conf/base/clock.h"
#include "conf/base/ip_address.h"
#include "conf/base/log.h"
#include "conf/base/result.h"

namespace cordon {

/// What happens to a message for one recipient, from harmless to final.
enum class Action : std::uint8_t { accept, tag, quarantine, reject, defer, discard };
enum class Mode : std::uint8_t { enforce, tag_only, shadow };
enum class OnError : std::uint8_t { defer, accept };
enum class OnStoreFailure : std::uint8_t { tempfail, hold, redirect };
enum class ScanMode : std::uint8_t { parts, whole, both };
enum class ReloadMode : std::uint8_t { concurrent, in_place };

/// "500ms", "20s", "5m", "2h", "30d"
struct Duration {
    Milliseconds value{};
};

/// Bytes: "4096", "64K", "50M", "10G"
struct ByteSize {
    std::uint64_t value = 0;
};

/// A score, or "off": never reached.
struct Threshold {
    static constexpr double kOff = std::numeric_limits<double>::infinity();
    double value = kOff;
};

/// Words between blanks or commas.
struct WordList {
    std::vector<std::string> value;
};

/// Scores of rules: "RULE_NAME=1.5 OTHER=-2".
struct ScoreList {
    std::map<std::string, double, std::less<>> value;
};

/// Three scores that rise, for tag, quarantine and reject: "4 6 15"; empty: none.
struct Thresholds {
    std::vector<Threshold> value;
};

/// Networks: "192.0.2.0/24 2001:db8::/32"
struct NetworkList {
    std::vector<IpNetwork> value;
    bool contains(const IpAddress& ip) const;
};

/// "0660"
struct FileMode {
    unsigned value = 0;
};

/// "unix:/path", "inet:PORT@ADDRESS", "inet6:PORT@ADDRESS"
struct MilterSocket {
    enum class Family : std::uint8_t { unix_domain, inet, inet6 };
    Family family = Family::unix_domain;
    std::string path;     // unix_domain
    std::string address;  // inet, inet6
    std::uint16_t port = 0;
};

template <typename T>
Result<T> parse_value(const std::string& text);  // specialised in values.cc for each type above

std::string to_text(const std::string& value);
std::string to_text(bool value);
std::string to_text(unsigned value);
std::string to_text(Action value);
std::string to_text(Mode value);
std::string to_text(OnError value);
std::string to_text(OnStoreFailure value);
std::string to_text(LogTarget value);
std::string to_text(LogFormat value);
std::string to_text(LogLevel value);
std::string to_text(ScanMode value);
std::string to_text(ReloadMode value);
std::string to_text(const Duration& value);
std::string to_text(const ByteSize& value);
std::string to_text(const Threshold& value);
std::string to_text(const WordList& value);
std::string to_text(const AddressList& value);
std::string to_text(const AddressMap& value);
std::string to_text(const ScoreList& value);
std::string to_text(const Thresholds& value);
std::string to_text(const NetworkList& value);
std::string to_text(const FileMode& value);
std::string to_text(const MilterSocket& value);

[[noreturn]] void refuse_value(const std::string& message);

template <typename T>
requires requires(const std::string& text) {
    parse_value<T>(text);
}
void validate(boost::any& out, const std::vector<std::string>& values, T*, int) {
    auto parsed = parse_value<T>(values.empty() ? std::string() : values.back());
    if (!parsed) refuse_value(parsed.error().what);
    out = std::move(*parsed);
}

}  // namespace cordon
