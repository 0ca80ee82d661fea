// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/log.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstring>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"
#include "conf/base/guarded.h"
#include "conf/base/json.h"
#include "conf/base/text.h"

namespace cordon::log {

namespace {

struct Sink {
    std::string program = "cordon";
    LogTarget target = LogTarget::standard_error;
    LogFormat format = LogFormat::text;
    LogLevel level = LogLevel::info;
};

constexpr std::size_t kMaxValueBytes = 2000;

/// The one piece of process-wide state: where records go. Set at start and on reload.
Guarded<Sink>& sink() {
    static Guarded<Sink> instance;
    return instance;
}

std::string_view level_name(LogLevel level) {
    constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warn", "error"};
    return kNames.at(static_cast<std::size_t>(level));
}

int syslog_priority(LogLevel level) {
    constexpr std::array kPriorities = {LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR};
    return kPriorities.at(static_cast<std::size_t>(level));
}

std::string quoted_when_needed(std::string_view value) {
    std::string out = printable(value, kMaxValueBytes);
    if (out.find_first_of(" \"=") == std::string::npos) return out;
    for (std::size_t i = 0; (i = out.find('"', i)) != std::string::npos; i += 2)
        out.insert(i, 1, '\\');
    return '"' + out + '"';
}

std::string value_text(const Field& field) {
    if (const auto* number = std::get_if<std::int64_t>(&field.value))
        return std::to_string(*number);
    if (const auto* number = std::get_if<double>(&field.value))
        return fmt::format("{}", std::round(*number * 100) / 100);
    return quoted_when_needed(std::get<std::string_view>(field.value));
}

/// The journal's native protocol; false when there is no journal.
bool send_to_journal(std::string_view program, LogLevel level, const std::string& line) {
    const std::string record = fmt::format("PRIORITY={}\nSYSLOG_IDENTIFIER={}\nMESSAGE={}\n",
                                           syslog_priority(level), program, line);
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un journal{};
    journal.sun_family = AF_UNIX;
    std::strcpy(journal.sun_path, "/run/systemd/journal/socket");
    return fd && ::sendto(fd.get(), record.data(), record.size(), MSG_NOSIGNAL,
                          reinterpret_cast<const sockaddr*>(&journal), sizeof journal) >= 0;
}

void send_to_standard_error(const std::string& program, LogFormat format, LogLevel level,
                            const std::string& line) {
    const std::string record = format == LogFormat::json
                                   ? line + "\n"
                                   : fmt::format("{} {}[{}]: {}: {}\n", utc_timestamp(unix_time()),
                                                 program, ::getpid(), level_name(level), line);
    // One write(2) a record: lines of several processes do not mix.
    static_cast<void>(!write_all(STDERR_FILENO, record));
}

void emit(LogLevel level, std::string_view event, Fields fields) {
    const Sink to = sink().with([](const Sink& s) { return s; });
    if (level < to.level) return;
    const std::string line = to.format == LogFormat::json
                                 ? as_json(event, fields, level_name(level), unix_time())
                                 : as_text(event, fields);
    if (to.target == LogTarget::syslog)
        ::syslog(LOG_MAIL | syslog_priority(level), "%s", line.c_str());
    else if (to.target != LogTarget::journal || !send_to_journal(to.program, level, line))
        send_to_standard_error(to.program, to.format, level, line);
}

}  // namespace

void open(std::string_view program, LogTarget target, LogFormat format, LogLevel level) {
    sink().with([&](Sink& s) { s = {std::string(program), target, format, level}; });
    if (target == LogTarget::syslog) {
        // openlog(3) keeps the pointer; the name of the program never changes.
        static const std::string ident(program);
        ::openlog(ident.c_str(), LOG_PID | LOG_NDELAY, LOG_MAIL);
    }
}

void debug(std::string_view event, Fields fields) {
    emit(LogLevel::debug, event, fields);
}
void info(std::string_view event, Fields fields) {
    emit(LogLevel::info, event, fields);
}
void warn(std::string_view event, Fields fields) {
    emit(LogLevel::warn, event, fields);
}
void error(std::string_view event, Fields fields) {
    emit(LogLevel::error, event, fields);
}

std::string as_text(std::string_view event, Fields fields) {
    std::string out(event);
    for (const auto& field : fields) out += fmt::format(" {}={}", field.key, value_text(field));
    return out;
}

std::string as_json(std::string_view event, Fields fields, std::string_view level,
                    std::int64_t unix_seconds) {
    JsonWriter json;
    json.begin_object().field("time", utc_timestamp(unix_seconds)).field("level", level);
    json.field("event", event);
    for (const auto& field : fields) {
        json.key(field.key);
        if (const auto* number = std::get_if<std::int64_t>(&field.value))
            json.number(*number);
        else if (const auto* real = std::get_if<double>(&field.value))
            json.number(*real);
        else
            json.text(utf8_prefix(std::get<std::string_view>(field.value), kMaxValueBytes));
    }
    return json.end_object().take();
}

}  // namespace cordon::log
