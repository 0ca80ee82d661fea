// SPDX-License-Identifier: GPL-2.0-only
// One record a line: an event and its fields. Every value is made printable here, so that nothing a
// sender writes can break a line, and no caller has to think of it. Text reads
// `verdict id=… from=… action=…`; JSON is one object a line with the same keys.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace cordon {

enum class LogTarget : std::uint8_t { standard_error, syslog, journal };
enum class LogFormat : std::uint8_t { text, json };
enum class LogLevel : std::uint8_t { debug, info, warn, error };

namespace log {

struct Field {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, double> value;

    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, double v) : key(k), value(v) {}
    template <std::integral T>
    Field(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
};
using Fields = std::initializer_list<Field>;

/// Set once at start (and on reload): until then records go to standard error as text.
void open(std::string_view program, LogTarget target, LogFormat format, LogLevel level);

void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warn(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

/// The record without time and level, as the text and JSON formats write it.
std::string as_text(std::string_view event, Fields fields);
std::string as_json(std::string_view event, Fields fields, std::string_view level,
                    std::int64_t unix_seconds);

}  // namespace log
}  // namespace cordon
