// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/quarantine_acts.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "conf/base/digest.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "quarantine/ctl/quarantine_view.h"

namespace cordon {

namespace {

constexpr Milliseconds kReleaseWait(60'000);
constexpr int kReleasePoll = 50;
constexpr int kExitData = 65;     // EX_DATAERR
constexpr int kExitPending = 75;  // EX_TEMPFAIL
constexpr const char* kDamaged = ": the bytes are not those that were held";

bool is_damaged(const OpenedMessage& held) {
    return sha256_hex(held.original) != held.message.sha256;
}

/// Who wants them gets what is left, and is told.
int complain_if_damaged(const OpenedMessage& held) {
    return is_damaged(held) ? complain("damaged: " + held.message.id + kDamaged, kExitData)
                            : kExitOk;
}

int complain_about(const Error& error) {
    return complain(error.what, is_no_answer(error) ? kExitUnavailable : kExitNoInput);
}

}  // namespace

Result<std::int64_t> time_ago(const std::string& option, const std::string& text) {
    const auto span = parse_value<Duration>(text);
    if (!span) return wrap(option, span.error());
    return unix_time() - std::chrono::duration_cast<std::chrono::seconds>(span->value).count();
}

std::string who_calls() {
    const char* const before_sudo = std::getenv("SUDO_USER");
    if (::geteuid() == 0 && before_sudo != nullptr && *before_sudo != '\0')
        return fmt::format("cli:{}", printable(before_sudo, 64));
    const passwd* const account = ::getpwuid(::getuid());
    return account != nullptr ? fmt::format("cli:{}", account->pw_name)
                              : fmt::format("cli:{}", ::getuid());
}

Result<ItemQuery> QuarantineAct::query() const {
    ItemQuery out;
    for (const auto& name : words(given.state)) {
        const auto state = item_state_of(name);
        if (!state) return fail("--state: no state '" + printable(name, 40) + "'");
        out.states.push_back(*state);
    }
    out.sender = given.from;
    out.recipient = given.to;
    out.subject = given.subject;
    for (const auto& [option, text, member] :
         {std::tuple{"--since", &given.since, &out.received_from},
          std::tuple{"--before", &given.before, &out.received_before}}) {
        if (text->empty()) continue;
        const auto time = time_ago(option, *text);
        if (!time) return tl::unexpected(time.error());
        *member = *time;
    }
    return out;
}

int QuarantineAct::list_vault() const {
    const auto vault = configuration.vault_directory();
    std::vector<std::string> damaged;
    const auto held = list_held(vault, damaged);
    if (!held) return complain(held.error().what, kExitNoInput);
    const auto columns = terminal_columns();
    if (!given.json && !held->empty()) fmt::print("{}\n", table_head(columns));
    for (const auto& m : *held)
        fmt::print("{}\n",
                   given.json ? item_json(status_of(m)) : table_line(status_of(m), columns));
    for (const auto& what : damaged) complain("damaged: " + what, kExitNoInput);
    return damaged.empty() ? kExitOk : kExitNoInput;
}

int QuarantineAct::list() const {
    auto asked = query();
    if (!asked) return complain(asked.error().what, kExitUsage);
    const auto columns = terminal_columns();
    bool is_first = true;
    do {
        const auto page = keeper.list(*asked);
        if (!page && is_no_answer(page.error()) && is_first) {
            complain(page.error().what + "; from the vault, without filters and states", 0);
            return list_vault();
        }
        if (!page) return complain_about(page.error());
        for (const auto& item : page->items) {
            if (!given.json && std::exchange(is_first, false))
                fmt::print("{}\n", table_head(columns));
            fmt::print("{}\n", given.json ? item_json(item) : table_line(item, columns));
        }
        asked->after = page->next;
    } while (!asked->after.empty());
    return kExitOk;
}

int QuarantineAct::show(const std::string& id) const {
    auto item = keeper.open(id);
    if (!item && is_no_answer(item.error())) {
        auto held = open_held(configuration.vault_directory(), id);
        if (!held) return complain(held.error().what, kExitNoInput);
        OpenedItem alone{status_of(held->message), {}, std::move(*held)};
        for (const auto& r : alone.held.message.recipients)
            alone.recipients.emplace_back().path = r.path;
        item = std::move(alone);
    }
    if (!item) return complain_about(item.error());
    if (given.original) {
        const auto written = write_all(STDOUT_FILENO, item->held.original);
        return written ? complain_if_damaged(item->held) : complain(written.error().what, kExitOs);
    }
    const auto events = keeper.events(id).value_or(std::vector<ItemEvent>());
    fmt::print("{}", given.json ? opened_json(*item, events) + "\n" : opened_text(*item, events));
    return kExitOk;
}

int QuarantineAct::wait_for_release(const std::string& id) const {
    const auto deadline = Deadline::in(kReleaseWait);
    for (;;) {
        const auto item = keeper.states_of(id);
        if (!item) return complain_about(item.error());
        const bool is_tried = std::any_of(
            item->recipients.begin(), item->recipients.end(),
            [](const auto& r) { return r.state == RecipientState::sending && !r.reply.empty(); });
        const bool is_open = item->status.state == ItemState::sending;
        if (is_open && !is_tried && !deadline.is_over()) {
            ::poll(nullptr, 0, kReleasePoll);
            continue;
        }
        for (const auto& r : item->recipients)
            if (r.state != RecipientState::held)
                fmt::print("{}: {} {}{}{}\n", id, without_brackets(r.path),
                           r.state == RecipientState::sending ? "waits" : to_text(r.state),
                           r.reply.empty() ? "" : ": ", r.reply);
        if (item->status.state == ItemState::failed) return kExitUnavailable;
        if (!is_open) return kExitOk;
        return complain(
            fmt::format("{0}: not sent yet, it is tried again; see cordon quarantine show {0}", id),
            kExitPending);
    }
}

int QuarantineAct::release(const std::string& id) const {
    if (configuration.quarantine.release_via.empty())
        return complain("nothing can be released: set [quarantine] release-via", kExitConfig);
    const ReleaseOrder order{
        id, who, given.only, given.redirect, given.allow_sender, given.allow_virus};
    const auto answer = keeper.order_release(order);
    if (!answer) return complain_about(answer.error());
    if (!answer->allow_note.empty()) fmt::print("{}: {}\n", id, answer->allow_note);
    if (answer->order == 0 && answer->state != ItemState::sending) {
        fmt::print("{}: released already\n", id);
        return kExitOk;
    }
    if (given.no_wait) {
        fmt::print("{}: will be released\n", id);
        return kExitOk;
    }
    return wait_for_release(id);
}

int QuarantineAct::confirm(const std::string& id) const {
    const auto answer = keeper.order_confirm(id, who);
    if (!answer) return complain_about(answer.error());
    fmt::print("{}: spam\n", id);
    return kExitOk;
}

int QuarantineAct::remove(const std::string& id) const {
    const auto answer = keeper.order_remove(id, who);
    if (!answer) return complain_about(answer.error());
    fmt::print("{}: deleted\n", id);
    return kExitOk;
}

int QuarantineAct::write_original(const std::string& id) const {
    const auto item = keeper.open(id);
    if (!item) return complain_about(item.error());
    const std::string folder = given.directory.empty() ? "." : given.directory;
    const std::string path = fmt::format("{}/{}.eml", folder, id);
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return complain(fail_errno(path).value().what, kExitOs);
    if (auto done = write_all(file.get(), item->held.original); !done)
        return complain(path + ": " + done.error().what, kExitOs);
    fmt::print("{}\n", path);
    return complain_if_damaged(item->held);
}

int QuarantineAct::verify(const std::vector<std::string>& ids) const {
    const auto vault = configuration.vault_directory();
    std::vector<std::string> damaged;
    std::vector<std::string> names = ids;
    if (names.empty()) {
        const auto held = list_held(vault, damaged);
        if (!held) return complain(held.error().what, kExitNoInput);
        for (const auto& m : *held) names.push_back(m.id);
    }
    for (const auto& id : names) {
        const auto held = open_held(vault, id);
        if (!held)
            damaged.push_back(held.error().what);
        else if (is_damaged(*held))
            damaged.push_back(held->message.id + kDamaged);
    }
    for (const auto& what : damaged) complain("damaged: " + what, kExitNoInput);
    fmt::print("{} checked, {} damaged\n", names.size(), damaged.size());
    return damaged.empty() ? kExitOk : kExitNoInput;
}

int QuarantineAct::audit(const std::string& id) const {
    const auto events = keeper.events(id, 10'000);
    if (!events) return complain_about(events.error());
    for (const auto& event : *events)
        fmt::print("{}\n", given.json ? event_json(event) : event_text(event));
    return kExitOk;
}

int QuarantineAct::new_key() const {
    const auto id = keeper.rotate_key(who);
    if (!id) return complain_about(id.error());
    fmt::print("the key {} seals from now on; keep a copy of the key file\n", *id);
    return kExitOk;
}

}  // namespace cordon
