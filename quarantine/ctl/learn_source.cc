// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/learn_source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "quarantine/imap/imap_mailbox.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxFileBytes = 1U << 30U;
constexpr std::size_t kMaxMailBytes = 64U << 20U;
constexpr std::size_t kLongestSecret = 4096;
constexpr Milliseconds kLoginTime{30'000};

Result<std::vector<std::string>> files_of(const std::vector<std::string>& operands) {
    namespace fs = std::filesystem;
    std::vector<std::string> out;
    for (const auto& operand : operands) {
        std::error_code error;
        if (operand == "-" || !fs::is_directory(operand, error)) {
            out.push_back(operand);
            continue;
        }
        const auto begin = out.size();
        for (fs::recursive_directory_iterator it(operand, error), end; !error && it != end;
             it.increment(error))
            if (it->is_regular_file(error)) out.push_back(it->path());
        if (error) return fail(operand + ": " + error.message());
        std::sort(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end());
    }
    return out;
}

/// One message of a mailbox.
struct Place {
    std::size_t folder = 0;
    std::uint32_t uid = 0;
};

struct Mailbox {
    std::unique_ptr<ImapConnection> connection;
    std::vector<std::string> folders;  // as the server has them
    std::vector<Place> places;
    std::size_t open = 0;  // folder, counted from 1; 0: none

    Result<void> enter(std::size_t folder) {
        if (open == folder + 1) return {};
        const auto selected = ImapMailbox(*connection).select(folders[folder]);
        if (!selected) return tl::unexpected(selected.error());
        open = folder + 1;
        return {};
    }
};

std::string name_of(const Mailbox& mailbox, std::size_t i) {
    const auto& place = mailbox.places.at(i);
    return fmt::format("{}, message {}", mailbox.folders[place.folder], place.uid);
}

Result<ImapServer> server_of(const MailboxLogin& login) {
    auto url = parse_server_url(login.url);
    if (!url || (url->scheme != "imap" && url->scheme != "imaps"))
        return fail(fmt::format("--imap-url: '{}' is neither imaps://HOST nor imap://HOST",
                                printable(login.url, 100)));
    if (login.user.empty() || login.password_file.empty())
        return fail("--from-imap needs --imap-user and --imap-password-file");
    const auto secret = read_file(login.password_file, kLongestSecret);
    if (!secret) return tl::unexpected(secret.error());
    ImapServer out;
    out.url = std::move(*url);
    out.user = login.user;
    out.password = std::string(split(*secret, '\n').front());
    if (out.password.ends_with('\r')) out.password.pop_back();
    out.trust.ca_file = login.ca_file;
    out.may_be_plain = login.may_be_plain;
    return out;
}

Result<void> list(Mailbox& mailbox) {
    for (std::size_t i = 0; i < mailbox.folders.size(); ++i) {
        if (auto entered = mailbox.enter(i); !entered) return entered;
        auto done = ImapMailbox(*mailbox.connection).heads(1, "Message-ID", [&](const ImapHead& h) {
            if (!h.is_deleted) mailbox.places.push_back({i, h.uid});
        });
        if (!done) return done;
    }
    return {};
}

}  // namespace

Result<LearnSource> files_source(const std::vector<std::string>& operands) {
    auto found = files_of(operands);
    if (!found) return tl::unexpected(found.error());
    const auto files = std::make_shared<const std::vector<std::string>>(std::move(*found));
    LearnSource out;
    out.size = files->size();
    out.read = [files](std::size_t i) {
        return files->at(i) == "-" ? read_all(STDIN_FILENO, kMaxFileBytes)
                                   : read_file(files->at(i), kMaxFileBytes);
    };
    out.name = [files](std::size_t i) { return files->at(i); };
    out.is_lost = [] { return false; };
    return out;
}

Result<LearnSource> mailbox_source(const MailboxLogin& login,
                                   const std::vector<std::string>& folders) {
    const auto server = server_of(login);
    if (!server) return tl::unexpected(server.error());
    auto connection = ImapConnection::open(*server, Deadline::in(kLoginTime));
    if (!connection) return tl::unexpected(connection.error());
    const auto mailbox = std::make_shared<Mailbox>();
    mailbox->connection = std::move(*connection);
    for (const auto& folder : folders) mailbox->folders.push_back(to_modified_utf7(folder));
    if (auto listed = list(*mailbox); !listed) return tl::unexpected(listed.error());
    LearnSource out;
    out.size = mailbox->places.size();
    out.read = [mailbox](std::size_t i) -> Result<std::string> {
        const auto& place = mailbox->places.at(i);
        if (auto entered = mailbox->enter(place.folder); !entered)
            return tl::unexpected(entered.error());
        auto bytes = ImapMailbox(*mailbox->connection).section(place.uid, "", kMaxMailBytes);
        if (!bytes) return wrap(name_of(*mailbox, i), bytes.error());
        return bytes;
    };
    out.name = [mailbox](std::size_t i) { return name_of(*mailbox, i); };
    out.is_lost = [mailbox] { return mailbox->connection->is_broken(); };
    return out;
}

}  // namespace cordon
