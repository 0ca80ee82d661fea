// SPDX-License-Identifier: GPL-2.0-only
#include "conf/allowed_senders.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "conf/base/file_descriptor.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxBytes = 16U << 20U;
constexpr std::size_t kColumns = 4;
constexpr std::uint64_t kMaxTime = std::numeric_limits<std::int64_t>::max();

constexpr std::string_view kHead =
    "# Authors allowed by those who released a message: ADDRESS UNTIL ID WHO (UNTIL in seconds\n"
    "# since 1970). Remove a line to take it back.\n";

/// The words of the list are separated by blanks, as are those of the text that roles are given.
bool is_plain_mailbox(std::string_view address) {
    return is_mailbox(address) && std::none_of(address.begin(), address.end(), [](char c) {
               return static_cast<unsigned char>(c) <= ' ' || c == 0x7F || c == '#' || c == ',';
           });
}

}  // namespace

std::string allowed_senders_file(const std::string& state_directory) {
    return state_directory + "/allowed-senders";
}

Result<std::vector<AllowedSender>> read_allowed_senders(const std::string& path, std::int64_t now) {
    std::vector<AllowedSender> out;
    if (::access(path.c_str(), R_OK) != 0) {
        if (errno == ENOENT || errno == EACCES || errno == ENOTDIR) return out;
        return fail_errno(path);
    }
    const auto text = read_file(path, kMaxBytes);
    if (!text) return tl::unexpected(text.error());
    for (const auto line : split(*text, '\n')) {
        const auto columns = words(line);
        if (columns.size() != kColumns || !is_plain_mailbox(columns[0])) continue;
        const auto until = parse_unsigned(columns[1]);
        if (!until || *until > kMaxTime || static_cast<std::int64_t>(*until) <= now) continue;
        out.push_back({columns[0], static_cast<std::int64_t>(*until), columns[2], columns[3]});
    }
    return out;
}

Result<void> write_allowed_senders(const std::string& path,
                                   const std::vector<AllowedSender>& senders) {
    std::string out(kHead);
    for (const auto& sender : senders) {
        if (!is_plain_mailbox(sender.address))
            return fail(fmt::format("'{}' is no address that a list can hold",
                                    printable(sender.address, 200)));
        std::string who = printable(sender.who, 200);
        std::replace_if(
            who.begin(), who.end(), [](char c) { return c == ' ' || c == ','; }, '_');
        out += fmt::format("{} {} {} {}\n", sender.address, sender.until, sender.id,
                           who.empty() ? "-" : who);
    }
    return replace_file(path, out, 0640);
}

}  // namespace cordon
