// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/doctor/sendmail_config.h"

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "quarantine/doctor/postfix_config.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxFileBytes = 4U << 20U;

SendmailFilter parse_filter(std::string_view line, unsigned number) {
    SendmailFilter out;
    out.line = number;
    const auto fields = split(line, ',');
    out.name = std::string(trim(fields.front()));
    for (std::size_t i = 1; i < fields.size(); ++i) {
        const auto field = trim(fields[i]);
        const auto value = field.size() > 2 ? field.substr(2) : std::string_view();
        if (field.starts_with("S=")) out.socket = std::string(value);
        if (field.starts_with("F=")) out.flags = std::string(value);
        if (!field.starts_with("T=")) continue;
        for (const auto timeout : split(value, ';'))
            if (timeout.size() > 2 && timeout[1] == ':')
                out.timeouts[timeout[0]] = postfix_seconds(timeout.substr(2), 0);
    }
    return out;
}

SendmailDaemon parse_daemon(std::string_view text, unsigned number) {
    SendmailDaemon out;
    out.line = number;
    for (const auto part : split(text, ',')) {
        const auto field = trim(part);
        const auto equals = field.find('=');
        if (equals == 0 || equals == std::string_view::npos) continue;
        out.fields[field.front()] = std::string(trim(field.substr(equals + 1)));
    }
    return out;
}

}  // namespace

std::string SendmailDaemon::field(char letter) const {
    const auto found = fields.find(letter);
    return found == fields.end() ? "" : found->second;
}

SendmailConfig SendmailConfig::parse(std::string_view text, const std::string& path) {
    SendmailConfig out;
    out.path = path;
    for (const auto& [number, line] : postfix_lines(text)) {  // the same rule of continuation
        if (line.starts_with('X')) out.filters.push_back(parse_filter(line.substr(1), number));
        if (!line.starts_with("O ")) continue;
        const auto equals = line.find('=');
        if (equals == std::string::npos) continue;
        const auto name = lower(trim(std::string_view(line).substr(2, equals - 2)));
        const auto value = trim(std::string_view(line).substr(equals + 1));
        if (name == "daemonportoptions") out.daemons.push_back(parse_daemon(value, number));
        out.options[name] = std::string(value);
    }
    return out;
}

Result<SendmailConfig> SendmailConfig::read(const std::string& path) {
    const auto text = read_file(path, kMaxFileBytes);
    if (!text) return tl::unexpected(text.error());
    return parse(*text, path);
}

}  // namespace cordon
