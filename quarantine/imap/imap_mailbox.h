// SPDX-License-Identifier: GPL-2.0-only
// What a mailbox can do, in terms of folders and UIDs; MOVE (RFC 6851), UIDPLUS (RFC 4315) and
// NAMESPACE (RFC 2342) are used where the server has them and replaced where it has not. Names of
// folders are those of the server's side: encoded, with its delimiter. An error is either the
// server's NO in its words, or the end of the connection (ImapConnection::is_broken()).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "quarantine/imap/imap_connection.h"

namespace cordon {

struct ImapNamespace {
    std::string prefix;  // with the delimiter at its end, or empty
    char delimiter = '/';
};

struct ImapFolder {
    std::string name;
    std::vector<std::string> attributes;  // lower case: "\noselect", "\junk"
    bool has(std::string_view attribute) const;
};

struct ImapSelected {
    std::uint32_t uid_validity = 0;
    std::uint32_t exists = 0;
    bool is_read_only = false;
};

/// One message, without its content.
struct ImapHead {
    std::uint32_t uid = 0;
    bool is_deleted = false;
    std::string fields;  // the header fields asked for, as they stand there
};

struct ImapAppend {
    std::string folder;
    std::string flags;          // "\Seen"
    std::int64_t received = 0;  // INTERNALDATE
};

using Uids = std::vector<std::uint32_t>;

class ImapMailbox {
 public:
    explicit ImapMailbox(ImapConnection& connection) : connection_(connection) {}

    Result<ImapNamespace> personal_namespace();
    Result<std::vector<ImapFolder>> folders(const std::string& pattern);
    /// Makes the folder and subscribes to it.
    Result<void> make(const std::string& folder);

    /// RFC 4314: replaces what `identifier` may do with the folder.
    Result<void> set_acl(const std::string& folder, const std::string& identifier,
                         const std::string& rights);
    /// Who may do what: identifiers with their rights.
    Result<std::vector<std::pair<std::string, std::string>>> acl(const std::string& folder);
    /// The values of these items as the server writes them.
    Result<std::string> status(const std::string& folder, const std::string& items);

    Result<ImapSelected> select(const std::string& folder);
    /// All messages of the selected folder from this UID on. `names` are header fields.
    Result<void> heads(std::uint32_t first_uid, const std::string& names,
                       const std::function<void(ImapHead)>& on_head);
    /// Those of the messages that are still there, and not marked as deleted.
    Result<Uids> present(const Uids& uids);
    Result<Uids> search(const std::string& header, const std::string& value);
    /// A body section, not decoded; "" is the whole message. `limit`: the most bytes to take.
    Result<std::string> section(std::uint32_t uid, const std::string& section, std::size_t limit);

    /// The new UID, 0 where the server does not tell.
    Result<std::uint32_t> append(const ImapAppend& where, const ImapUpload& message);
    Result<void> move(const Uids& uids, const std::string& to);
    Result<void> remove(const Uids& uids);

 private:
    Result<void> run(const std::string& line, const ImapConnection::OnData& on_data = {});

    ImapConnection& connection_;
};

/// The value of a field in what heads() gave: unfolded, the first of several; empty when missing.
std::string field_value(std::string_view fields, std::string_view name);

/// "4:7,9"
std::string uid_set(Uids uids);

/// "24-Nov-2026 18:00:00 +0000" (RFC 3501 date-time)
std::string imap_date(std::int64_t unix_seconds);

}  // namespace cordon
