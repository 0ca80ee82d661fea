// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/imap/imap_mailbox.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr Milliseconds kCommandTime(60'000);
constexpr Milliseconds kListingTime(300'000);
constexpr std::uint64_t kSlowestBytesASecond = 50'000;
constexpr std::size_t kUidsACommand = 500;
constexpr std::size_t kUsualResponse = std::size_t{1} << 20U;

Milliseconds time_for(std::uint64_t bytes) {
    return kCommandTime + Milliseconds(bytes * 1000 / kSlowestBytesASecond);
}

/// Names come from the server or are our own in modified UTF-7: printable ASCII.
std::string quoted(const std::string& text) {
    return imap_quoted(text).value_or("\"\"");
}

std::uint32_t number_of(std::string_view text) {
    const auto value = parse_unsigned(text);
    return value && *value <= UINT32_MAX ? static_cast<std::uint32_t>(*value) : 0;
}

/// FETCH answers in pairs of name and value, in any order.
ImapHead read_head(const ImapResponse& response) {
    ImapHead out;
    if (response.values.empty() || !response.values.front().is_list()) return out;
    const auto& items = response.values.front().items;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const auto& value = items[i + 1];
        if (items[i].is_atom("UID")) out.uid = number_of(value.text);
        if (items[i].is_atom("FLAGS"))
            out.is_deleted = std::any_of(value.items.begin(), value.items.end(),
                                         [](const auto& f) { return f.is_atom("\\Deleted"); });
        if (istarts_with(items[i].text, "BODY[")) out.fields = value.text;
    }
    return out;
}

}  // namespace

bool ImapFolder::has(std::string_view attribute) const {
    return std::find(attributes.begin(), attributes.end(), attribute) != attributes.end();
}

Result<void> ImapMailbox::run(const std::string& line, const ImapConnection::OnData& on_data) {
    const auto reply = connection_.command(line, Deadline::in(kCommandTime), on_data);
    if (!reply) return tl::unexpected(reply.error());
    if (!reply->is_ok()) return fail(reply->words());
    return {};
}

Result<ImapNamespace> ImapMailbox::personal_namespace() {
    ImapNamespace out;
    const auto take_delimiter = [&out](const ImapValue& value) {
        if (!value.text.empty()) out.delimiter = value.text.front();
    };
    if (connection_.can("NAMESPACE")) {
        auto done = run("NAMESPACE", [&](const ImapResponse& response) {
            if (response.word != "NAMESPACE" || response.values.empty()) return;
            const auto& personal = response.values.front().items;
            if (personal.empty() || personal.front().items.size() < 2) return;
            out.prefix = personal.front().items[0].text;
            take_delimiter(personal.front().items[1]);
        });
        if (!done) return wrap("NAMESPACE", done.error());
        return out;
    }
    auto done = run("LIST \"\" \"\"", [&](const ImapResponse& response) {
        if (response.word == "LIST" && response.values.size() == 3)
            take_delimiter(response.values[1]);
    });
    if (!done) return wrap("LIST", done.error());
    return out;
}

Result<std::vector<ImapFolder>> ImapMailbox::folders(const std::string& pattern) {
    constexpr std::size_t kMaxFolders = 100'000;
    std::vector<ImapFolder> out;
    auto done = run("LIST \"\" " + quoted(pattern), [&out](ImapResponse& response) {
        if (response.word != "LIST" || response.values.size() != 3 || out.size() >= kMaxFolders)
            return;
        ImapFolder folder{std::move(response.values[2].text), {}};
        for (const auto& flag : response.values[0].items)
            folder.attributes.push_back(lower(flag.text));
        out.push_back(std::move(folder));
    });
    if (!done) return wrap("LIST", done.error());
    return out;
}

Result<void> ImapMailbox::make(const std::string& folder) {
    if (auto done = run("CREATE " + quoted(folder)); !done)
        return wrap("cannot make the folder " + folder, done.error());
    // Where this is refused the folder is there all the same; clients can be told to show it.
    if (auto done = run("SUBSCRIBE " + quoted(folder)); !done && connection_.is_broken())
        return done;
    return {};
}

Result<void> ImapMailbox::set_acl(const std::string& folder, const std::string& identifier,
                                  const std::string& rights) {
    if (auto done = run(fmt::format("SETACL {} {} {}", quoted(folder), quoted(identifier), rights));
        !done)
        return wrap("cannot set the rights of " + folder, done.error());
    return {};
}

Result<std::vector<std::pair<std::string, std::string>>> ImapMailbox::acl(
    const std::string& folder) {
    std::vector<std::pair<std::string, std::string>> out;
    auto done = run("GETACL " + quoted(folder), [&out](const ImapResponse& response) {
        if (response.word != "ACL") return;
        for (std::size_t i = 1; i + 1 < response.values.size(); i += 2)
            out.emplace_back(response.values[i].text, response.values[i + 1].text);
    });
    if (!done) return wrap("cannot ask for the rights of " + folder, done.error());
    return out;
}

Result<std::string> ImapMailbox::status(const std::string& folder, const std::string& items) {
    std::string out;
    const auto line = fmt::format("STATUS {} ({})", quoted(folder), items);
    auto done = run(line, [&out](const ImapResponse& response) {
        if (response.word != "STATUS" || response.values.size() != 2) return;
        for (const auto& value : response.values[1].items) out += value.text + " ";
    });
    if (!done) return wrap("STATUS " + folder, done.error());
    return out;
}

Result<ImapSelected> ImapMailbox::select(const std::string& folder) {
    ImapSelected out;
    const auto reply = connection_.command(
        "SELECT " + quoted(folder), Deadline::in(kCommandTime), [&out](const ImapResponse& r) {
            if (r.word == "EXISTS") out.exists = r.number.value_or(0);
            if (istarts_with(r.code, "UIDVALIDITY "))
                out.uid_validity = number_of(std::string_view(r.code).substr(12));
        });
    if (!reply) return tl::unexpected(reply.error());
    if (!reply->is_ok()) return wrap("cannot open the folder " + folder, {reply->words()});
    out.is_read_only = iequals(reply->code, "READ-ONLY");
    return out;
}

Result<void> ImapMailbox::heads(std::uint32_t first_uid, const std::string& names,
                                const std::function<void(ImapHead)>& on_head) {
    const auto line =
        fmt::format("UID FETCH {}:* (UID FLAGS BODY.PEEK[HEADER.FIELDS ({})])", first_uid, names);
    const auto reply =
        connection_.command(line, Deadline::in(kListingTime), [&](const ImapResponse& response) {
            if (response.word != "FETCH") return;
            auto head = read_head(response);
            // "n:*" always includes the last message; and flags of others come unasked.
            if (head.uid >= first_uid && head.uid != 0) on_head(std::move(head));
        });
    if (!reply) return tl::unexpected(reply.error());
    if (!reply->is_ok()) return fail("FETCH: " + reply->words());
    return {};
}

Result<Uids> ImapMailbox::present(const Uids& uids) {
    Uids out;
    for (std::size_t i = 0; i < uids.size(); i += kUidsACommand) {
        const Uids some(
            uids.begin() + static_cast<std::ptrdiff_t>(i),
            uids.begin() + static_cast<std::ptrdiff_t>(std::min(uids.size(), i + kUidsACommand)));
        auto done = run(fmt::format("UID FETCH {} (UID FLAGS)", uid_set(some)),
                        [&](const ImapResponse& response) {
                            if (response.word != "FETCH") return;
                            const auto head = read_head(response);
                            if (head.uid != 0 && !head.is_deleted) out.push_back(head.uid);
                        });
        if (!done) return wrap("FETCH", done.error());
    }
    return out;
}

Result<Uids> ImapMailbox::search(const std::string& header, const std::string& value) {
    constexpr std::size_t kMaxFound = 100'000;
    Uids out;
    auto done =
        run(fmt::format("UID SEARCH HEADER {} {}", quoted(header), quoted(value)),
            [&out](const ImapResponse& response) {
                if (response.word != "SEARCH") return;
                for (const auto& found : response.values)
                    if (const auto uid = number_of(found.text); uid != 0 && out.size() < kMaxFound)
                        out.push_back(uid);
            });
    if (!done) return wrap("SEARCH", done.error());
    return out;
}

Result<std::string> ImapMailbox::section(std::uint32_t uid, const std::string& section,
                                         std::size_t limit) {
    std::string out;
    bool is_found = false;
    connection_.set_response_limit(limit + kUsualResponse);
    const auto reply =
        connection_.command(fmt::format("UID FETCH {} (UID BODY.PEEK[{}])", uid, section),
                            Deadline::in(time_for(limit)), [&](ImapResponse& response) {
                                if (response.word != "FETCH") return;
                                auto head = read_head(response);
                                if (head.uid != uid) return;
                                out = std::move(head.fields);
                                is_found = true;
                            });
    connection_.set_response_limit(kUsualResponse);
    if (!reply) return tl::unexpected(reply.error());
    if (!reply->is_ok()) return fail("FETCH: " + reply->words());
    if (!is_found) return fail("the message is no longer there");
    return out;
}

Result<std::uint32_t> ImapMailbox::append(const ImapAppend& where, const ImapUpload& message) {
    const auto line = fmt::format("APPEND {} ({}) \"{}\"", quoted(where.folder), where.flags,
                                  imap_date(where.received));
    const auto reply = connection_.command(line, message, Deadline::in(time_for(message.size)));
    if (!reply) return wrap("APPEND", reply.error());
    if (!reply->is_ok())
        return fail(fmt::format("cannot store in {}: {}", where.folder, reply->words()));
    const auto code = words(reply->code);
    const bool tells = code.size() == 3 && iequals(code[0], "APPENDUID");
    return tells ? number_of(code[2]) : 0;
}

Result<void> ImapMailbox::move(const Uids& uids, const std::string& to) {
    for (std::size_t i = 0; i < uids.size(); i += kUidsACommand) {
        const Uids some(
            uids.begin() + static_cast<std::ptrdiff_t>(i),
            uids.begin() + static_cast<std::ptrdiff_t>(std::min(uids.size(), i + kUidsACommand)));
        const auto set = uid_set(some);
        const bool can_move = connection_.can("MOVE");
        auto done = run(fmt::format("UID {} {} {}", can_move ? "MOVE" : "COPY", set, quoted(to)));
        if (!done) return wrap("cannot move to " + to, done.error());
        if (can_move) continue;
        if (done = remove(some); !done) return done;
    }
    return {};
}

Result<void> ImapMailbox::remove(const Uids& uids) {
    for (std::size_t i = 0; i < uids.size(); i += kUidsACommand) {
        const Uids some(
            uids.begin() + static_cast<std::ptrdiff_t>(i),
            uids.begin() + static_cast<std::ptrdiff_t>(std::min(uids.size(), i + kUidsACommand)));
        const auto set = uid_set(some);
        auto done = run(fmt::format("UID STORE {} +FLAGS.SILENT (\\Deleted)", set));
        // Without UIDPLUS what others marked goes too, as with every client of such a server.
        if (done) done = run(connection_.can("UIDPLUS") ? "UID EXPUNGE " + set : "EXPUNGE");
        if (!done) return wrap("cannot remove a message", done.error());
    }
    return {};
}

std::string field_value(std::string_view fields, std::string_view name) {
    std::string out;
    bool is_inside = false;
    while (!fields.empty()) {
        const auto end = fields.find('\n');
        auto line = fields.substr(0, end);
        fields.remove_prefix(end == std::string_view::npos ? fields.size() : end + 1);
        if (line.starts_with(' ') || line.starts_with('\t')) {
            if (is_inside) out += line;
            continue;
        }
        if (is_inside) break;
        is_inside =
            line.size() > name.size() && istarts_with(line, name) && line[name.size()] == ':';
        if (is_inside) out = line.substr(name.size() + 1);
    }
    std::erase_if(out, [](char c) { return c == '\r'; });
    return std::string(trim(out));
}

std::string uid_set(Uids uids) {
    std::sort(uids.begin(), uids.end());
    uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
    std::string out;
    for (std::size_t i = 0; i < uids.size();) {
        std::size_t last = i;
        while (last + 1 < uids.size() && uids[last + 1] == uids[last] + 1) ++last;
        out += fmt::format("{}{}", out.empty() ? "" : ",", uids[i]);
        if (uids[last] != uids[i]) out += fmt::format(":{}", uids[last]);
        i = last + 1;
    }
    return out;
}

std::string imap_date(std::int64_t unix_seconds) {
    // "Mon, 23 Nov 2026 20:15:00 +0000" has the same parts.
    std::string out = rfc5322_date(unix_seconds).substr(5);
    out[2] = out[6] = '-';
    return out;
}

}  // namespace cordon
