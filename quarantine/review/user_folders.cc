// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/review/user_folders.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/log.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "quarantine/digest/digest_recipient.h"
#include "quarantine/item/review_item.h"
#include "quarantine/review/review_folders.h"

namespace cordon {

namespace {

constexpr std::uint32_t kPage = 500;
constexpr std::size_t kMaxUsers = 20'000;
constexpr Milliseconds kConnectTime(30'000);
constexpr Milliseconds kLookInterval(1000);
constexpr Milliseconds kPollInterval(2000);
constexpr Milliseconds kPollPause(10);
constexpr Milliseconds kSweepInterval(300'000);
constexpr Milliseconds kFirstPause(1000);
constexpr Milliseconds kLongestPause(60'000);

}  // namespace

UserFolderSession::UserFolderSession(ConfigurationPtr configuration, const KeeperClient& keeper,
                                     std::unique_ptr<ImapConnection> connection)
    : configuration_(std::move(configuration)),
      keeper_(keeper),
      connection_(std::move(connection)),
      mailbox_(*connection_) {}

Result<void> UserFolderSession::begin() {
    if (!connection_->can("ACL"))
        return fail("user-folders needs an IMAP server with ACLs (RFC 4314), which this is not");
    const auto space = mailbox_.personal_namespace();
    if (!space) return tl::unexpected(space.error());
    space_ = *space;
    if (auto done = find_folders(); !done) return done;
    return look();
}

/// Those of recipients for whom nothing is held any more: what lies there is to go.
Result<void> UserFolderSession::find_folders() {
    const auto& base = configuration_->quarantine.folder;
    const auto above = server_name(space_, base, "Users") + space_.delimiter;
    const auto listed = mailbox_.folders(above + "%");
    if (!listed) return tl::unexpected(listed.error());
    for (const auto& folder : *listed) {
        if (!folder.name.starts_with(above) || folders_.size() >= kMaxUsers) continue;
        const auto address = user_folder_address(folder.name.substr(above.size()));
        if (server_name(space_, base, "Users/" + user_folder_name(address)) != folder.name)
            continue;
        folders_[address];
        todo_.insert(address);
    }
    return {};
}

void UserFolderSession::sweep() {
    for (const auto& [address, folder] : folders_) todo_.insert(address);
}

Result<void> UserFolderSession::look() {
    problem_.clear();
    if (auto done = ask_keeper(); !done) return done;
    if (auto done = poll(); !done) return done;
    for (const auto& address : std::exchange(todo_, {})) {
        auto done = serve(address, folders_[address]);
        if (done) continue;
        // Tried again with the next sweep.
        if (done = refused(done.error()); !done) return done;
    }
    return {};
}

Result<void> UserFolderSession::refused(const Error& why) {
    if (connection_->is_broken()) return tl::unexpected(why);
    if (problem_.empty()) problem_ = why.what;
    return {};
}

Result<void> UserFolderSession::ask_keeper() {
    ItemQuery query;
    query.states = {ItemState::held, ItemState::sending, ItemState::sent, ItemState::filed,
                    ItemState::spam, ItemState::failed,  ItemState::gone};
    query.limit = kPage;
    for (;;) {
        query.changed_after = last_change_;
        const auto page = keeper_.list(query);
        if (!page) return refused(page.error());
        const auto before = last_change_;
        for (const auto& status : page->items)
            if (auto done = take(status); !done) return refused(done.error());
        if (page->items.empty() || last_change_ == before) return {};
    }
}

Result<void> UserFolderSession::take(const ItemStatus& status) {
    known_.insert(status.id);
    // Infected mail is nobody's to release, and what a reviewer decided is decided.
    const bool is_open = status.virus.empty() &&
                         (status.state == ItemState::held || status.state == ItemState::sending ||
                          status.state == ItemState::failed);
    const auto known = who_.find(status.id);
    if (known != who_.end()) {
        for (const auto& address : known->second) {
            if (!is_open) folders_[address].items.erase(status.id);
            todo_.insert(address);
        }
        if (!is_open) who_.erase(known);
    }
    if (is_open) {
        const auto item = keeper_.states_of(status.id);
        if (!item) return tl::unexpected(item.error());
        for (const auto& recipient : item->recipients)
            if (!recipient.is_added) place(status.id, recipient);
    }
    last_change_ = std::max(last_change_, status.change);
    return {};
}

void UserFolderSession::place(const std::string& id, const RecipientStatus& recipient) {
    const auto address = own_recipient(*configuration_, recipient.path);
    if (address.empty() || user_folder_name(address).empty()) return;
    if (folders_.size() >= kMaxUsers && !folders_.contains(address)) {
        problem_ = "there are more recipients than folders could be made for";
        return;
    }
    who_[id].insert(address);
    auto& item = folders_[address].items[id];
    // A new item tells of the failure.
    if (recipient.state == RecipientState::failed && item.state != RecipientState::failed)
        item.is_filed = false;
    item.state = recipient.state;
    todo_.insert(address);
}

/// Makes the folders and lets nobody in but their owner and this recipient.
Result<void> UserFolderSession::open_folder(const std::string& address, Folder& folder) {
    const auto& q = configuration_->quarantine;
    const auto below = "Users/" + user_folder_name(address);
    const auto held = server_name(space_, q.folder, below);
    const auto release = server_name(space_, q.folder, below + "/Release");
    const auto login =
        q.user_login == UserLogin::local_part ? address.substr(0, address.rfind('@')) : address;
    for (const auto& [name, rights] : {std::pair{&held, kHeldRights}, {&release, kReleaseRights}}) {
        if (!mailbox_.select(*name)) {
            if (connection_->is_broken()) return fail("the connection was lost");
            if (auto made = mailbox_.make(*name); !made) return made;
        }
        if (auto done = guard(*name, login, rights); !done) return done;
    }
    folder.held = held;
    folder.release = release;
    return {};
}

Result<void> UserFolderSession::guard(const std::string& name, const std::string& login,
                                      const char* rights) {
    if (auto done = mailbox_.set_acl(name, login, rights); !done) return done;
    const auto acl = mailbox_.acl(name);
    if (!acl) return tl::unexpected(acl.error());
    bool is_set = false;
    for (const auto& [identifier, granted] : *acl) {
        for (const char* const wide : {"anyone", "anonymous", "authenticated"})
            if (iequals(identifier, wide) && !granted.empty())
                return fail(fmt::format(
                    "{} may be seen by {}: take that right away, then held mail is filed there",
                    name, wide));
        is_set = is_set || iequals(identifier, login);
    }
    if (!is_set) return fail(fmt::format("{}: the server did not keep the rights", name));
    return {};
}

/// Asks for each folder Release whether something came; many of them, less often.
Result<void> UserFolderSession::poll() {
    const auto now = Steady::now();
    if (now < poll_at_) return {};
    poll_at_ = now + std::max(kPollInterval, kPollPause * static_cast<int>(folders_.size()));
    // Of a folder that is selected some servers tell what it was when that happened.
    if (auto selected = mailbox_.select("INBOX"); !selected) return refused(selected.error());
    for (auto& [address, folder] : folders_) {
        if (folder.release.empty() || folder.items.empty()) continue;
        const auto status = mailbox_.status(folder.release, "MESSAGES UIDNEXT UIDVALIDITY");
        if (!status) {
            if (auto done = refused(status.error()); !done) return done;
            continue;
        }
        if (*status != folder.status) todo_.insert(address);
        folder.status = *status;
    }
    return {};
}

Result<void> UserFolderSession::serve(const std::string& address, Folder& folder) {
    if (folder.held.empty())
        if (auto done = open_folder(address, folder); !done) return done;
    UserView view;
    for (const auto& [name, seen] :
         {std::pair{&folder.held, &view.held}, {&folder.release, &view.release}}) {
        auto found = sightings(*name);
        if (!found) return tl::unexpected(found.error());
        seen->swap(*found);
    }
    for (const auto& sighting : view.held)
        if (const auto item = folder.items.find(sighting.id);
            item != folder.items.end() && item->second.state == RecipientState::held)
            item->second.is_filed = true;
    return carry_out(address, folder, plan_user(folder.items, view));
}

Result<void> UserFolderSession::carry_out(const std::string& address, Folder& folder,
                                          const UserPlan& plan) {
    for (const auto& id : plan.orders)
        if (auto done = order(id, address); !done) return done;
    for (const auto& id : plan.stores) {
        if (auto done = store(id, address, folder); !done) return done;
        folder.items[id].is_filed = true;
    }
    for (const auto& [name, uids] : {std::pair{&folder.held, &plan.held_removals},
                                     {&folder.release, &plan.release_removals}}) {
        if (uids->empty()) continue;
        if (auto selected = mailbox_.select(*name); !selected)
            return tl::unexpected(selected.error());
        if (auto done = mailbox_.remove(*uids); !done) return done;
    }
    // Sent: nothing more is to be known about it.
    std::erase_if(folder.items,
                  [&](const auto& item) { return item.second.state == RecipientState::sent; });
    return {};
}

Result<std::vector<UserSighting>> UserFolderSession::sightings(const std::string& name) {
    const auto selected = mailbox_.select(name);
    if (!selected) return tl::unexpected(selected.error());
    std::vector<UserSighting> out;
    if (selected->exists == 0) return out;
    auto done = mailbox_.heads(1, std::string(kReviewField), [&](const ImapHead& head) {
        auto id = field_value(head.fields, kReviewField);
        // Those of other hosts that share the mailbox are left alone.
        if (!head.is_deleted && known_.contains(id)) out.push_back({std::move(id), head.uid});
    });
    if (!done) return tl::unexpected(done.error());
    return out;
}

Result<void> UserFolderSession::store(const std::string& id, const std::string& address,
                                      const Folder& folder) {
    const auto opened = keeper_.open(id);
    if (!opened) return tl::unexpected(opened.error());
    const auto& q = configuration_->quarantine;
    auto message = opened->held.message;
    // Who else it was sent to is no business of his.
    std::erase_if(message.recipients, [&](const auto& recipient) {
        return own_recipient(*configuration_, recipient.path) != address;
    });
    ReviewItemOptions options;
    options.mailbox = q.mailbox;
    options.folder = q.folder + "/Users/" + user_folder_name(address);
    options.is_for_recipient = true;
    options.label = opened->status.state == ItemState::failed ? "not released" : "held";
    const auto kept = std::chrono::duration_cast<std::chrono::seconds>(q.retention.value).count();
    if (kept > 0) options.kept_until = message.received_at + kept;
    const ReviewItem item(message, opened->held.original, options);
    const ImapUpload upload{item.size(),
                            [&item](const ImapUpload::Write& write) { return item.send(write); }};
    const auto uid = mailbox_.append({folder.held, "", message.received_at}, upload);
    if (!uid) return tl::unexpected(uid.error());
    log::info("item-filed", {{"id", id}, {"folder", options.folder}});
    return {};
}

/// In his name, since the server let nobody else put it there; for him alone.
Result<void> UserFolderSession::order(const std::string& id, const std::string& address) {
    const auto item = keeper_.states_of(id);
    if (!item) return tl::unexpected(item.error());
    ReleaseOrder wanted;
    wanted.id = id;
    wanted.who = std::string(kUserPrefix) + address;
    for (const auto& recipient : item->recipients)
        if (!recipient.is_added && own_recipient(*configuration_, recipient.path) == address)
            wanted.recipients.push_back(recipient.path);
    if (wanted.recipients.empty()) return {};
    const auto answer = keeper_.order_release(wanted);
    if (!answer) return tl::unexpected(answer.error());
    has_ordered_ = true;
    return {};
}

UserFolderAgent::UserFolderAgent(ConfigurationPtr configuration, ImapServer server,
                                 const KeeperClient& keeper)
    : configuration_(std::move(configuration)), server_(std::move(server)), keeper_(keeper) {}

bool UserFolderAgent::tick() {
    const auto now = Steady::now();
    if (now < due_) return false;
    due_ = now + kLookInterval;
    Result<void> done;
    if (!session_) {
        auto connection = ImapConnection::open(server_, Deadline::in(kConnectTime));
        if (!connection) {
            lost(connection.error());
            return false;
        }
        session_ =
            std::make_unique<UserFolderSession>(configuration_, keeper_, std::move(*connection));
        sweep_at_ = now + kSweepInterval;
        done = session_->begin();
    } else {
        if (now >= sweep_at_) {
            session_->sweep();
            sweep_at_ = now + kSweepInterval;
        }
        done = session_->look();
    }
    const bool has_ordered = session_->take_ordered();
    if (!done) {
        lost(done.error());
        return has_ordered;
    }
    pause_ = {};
    if (session_->problem() != problem_) {
        problem_ = session_->problem();
        if (problem_.empty())
            log::info("user-folders-work");
        else
            log::error("user-folders-trouble", {{"error", problem_}, {"action", "trying again"}});
    }
    return has_ordered;
}

void UserFolderAgent::lost(const Error& why) {
    session_.reset();
    pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
    due_ = Steady::now() + pause_;
    if (why.what == problem_) return;
    problem_ = why.what;
    log::error("user-folders-trouble", {{"error", problem_}, {"action", "connecting again"}});
}

}  // namespace cordon
