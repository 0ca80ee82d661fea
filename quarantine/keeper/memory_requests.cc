// SPDX-License-Identifier: GPL-2.0-only
// The memory of senders in the keeper. Without it, or when it fails, nothing is remembered, and one
// line says so.
#include <algorithm>

#include "conf/base/log.h"
#include "conf/base/text.h"
#include "quarantine/keeper/keeper.h"
#include "quarantine/keeper/memory_messages.h"

namespace cordon {

namespace {

constexpr std::size_t kMostNames = 100;
constexpr std::size_t kLongestName = 400;
// A person's word about an author against the verdict on one message.
constexpr double kPersonWeight = 10;
// A thread that nobody began means something where own mail is seen here: for so long, so much.
constexpr std::int64_t kExperience = 30LL * 86'400;
constexpr double kMostlySeen = 20;
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kComplaint = 600;  // seconds between two lines about a memory that fails

bool is_acceptable(const std::vector<std::string>& names) {
    return names.size() <= kMostNames &&
           std::all_of(names.begin(), names.end(),
                       [](const auto& name) { return name.size() <= kLongestName; });
}

std::string domain_of(const std::string& address) {
    return address.substr(address.rfind('@') + 1);
}

/// Who answers a message is of a domain that got it: ids can be overheard.
std::string thread_name(const std::string& message_id, const std::string& domain) {
    return message_id + " " + domain;
}

MemoryChange one_message(MemoryKind kind, const std::vector<std::string>& names, bool is_spam) {
    MemoryChange out{kind, {}, is_spam ? 0.0 : 1.0, is_spam ? 1.0 : 0.0, unix_time(), false};
    for (const auto& name : names) out.keys.push_back(memory_key(kind, name));
    return out;
}

void complain(Keeper& keeper, const Error& error) {
    auto due = keeper.memory_complaint.load();
    const auto now = unix_time();
    if (now >= due && keeper.memory_complaint.compare_exchange_strong(due, now + kComplaint))
        log::error("memory-failed", {{"error", error.what},
                                     {"action", "mail is judged without memory of its senders"}});
}

void remember(Keeper& keeper, const std::vector<MemoryChange>& changes) {
    if (!keeper.memory) return;
    for (const auto& change : changes) {
        const auto done = keeper.memory->add(change);
        if (done) continue;
        complain(keeper, done.error());
        return;
    }
}

Result<Nothing> remember_sent(Keeper& keeper, const SentMailRequest& request) {
    if (!is_acceptable(request.recipients) || request.message_id.size() > kLongestName)
        return fail("keeper: too much to remember");
    std::vector<MemoryChange> changes{
        one_message(MemoryKind::correspondent, request.recipients, false)};
    if (!request.message_id.empty()) {
        std::vector<std::string> threads{request.message_id};
        for (const auto& recipient : request.recipients)
            threads.push_back(thread_name(request.message_id, lower(domain_of(recipient))));
        std::sort(threads.begin(), threads.end());
        threads.erase(std::unique(threads.begin(), threads.end()), threads.end());
        changes.push_back(one_message(MemoryKind::message, threads, false));
        changes.push_back(one_message(MemoryKind::outbound, {""}, false));
    }
    remember(keeper, changes);
    return Nothing{};
}

Result<Nothing> remember_behaviour(Keeper& keeper, const BehaviourRequest& request) {
    if (!is_acceptable(request.identities)) return fail("keeper: too much to remember");
    remember(keeper, {one_message(MemoryKind::behaviour, request.identities, request.is_spam)});
    return Nothing{};
}

/// One question to the memory; the first failure is the answer to all.
class Reader {
 public:
    explicit Reader(SenderMemory& memory) : memory_(memory) {}

    Remembered find(MemoryKind kind, const std::string& name) {
        if (!done_) return {};
        auto found = memory_.find(kind, name, now_);
        if (found) return *found;
        done_ = tl::unexpected(found.error());
        return {};
    }
    bool knows(MemoryKind kind, const std::string& name) { return find(kind, name).is_there(); }
    bool sees_own_mail() {
        const auto own = find(MemoryKind::outbound, "");
        return own.is_there() && own.ham >= kMostlySeen && now_ - own.first > kExperience;
    }
    std::uint64_t days_since(std::int64_t time) const {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(0, (now_ - time) / kDay));
    }
    const Result<void>& done() const { return done_; }

 private:
    SenderMemory& memory_;
    std::int64_t now_ = unix_time();
    Result<void> done_;
};

void recall_thread(Reader& reader, const RecallRequest& request, Recollection& out) {
    bool is_known = false;
    const auto domain = lower(domain_of(request.author));
    for (const auto& id : request.references) {
        is_known = is_known || reader.knows(MemoryKind::message, id);
        if (!request.author.empty() && !out.is_reply)
            out.is_reply = reader.knows(MemoryKind::message, thread_name(id, domain));
    }
    out.names_own_thread = request.has_own_reference && !is_known && reader.sees_own_mail();
}

Result<RecallAnswer> recall(Keeper& keeper, const RecallRequest& request) {
    if (!is_acceptable(request.references) || !is_acceptable(request.identities) ||
        request.author.size() > kLongestName)
        return fail("keeper: too much to recall");
    if (!keeper.memory) return RecallAnswer{};
    RecallAnswer out;
    out.is_known = true;
    Reader reader(*keeper.memory);
    if (!request.author.empty())
        out.memory.is_correspondent = reader.knows(MemoryKind::correspondent, request.author);
    recall_thread(reader, request, out.memory);
    for (const auto& identity : request.identities) {
        const auto found = reader.find(MemoryKind::behaviour, identity);
        if (found.is_there())
            out.memory.senders.push_back({identity, static_cast<std::uint64_t>(found.ham + 0.5),
                                          static_cast<std::uint64_t>(found.spam + 0.5),
                                          reader.days_since(found.first)});
    }
    if (reader.done()) return out;
    complain(keeper, reader.done().error());
    return RecallAnswer{};
}

}  // namespace

void open_memory(Keeper& keeper, const std::string& password) {
    // Also where it is switched off: a reload may switch it on.
    const auto configuration = keeper.configuration.get();
    const auto url = parse_store_url(configuration->learning.store);
    const bool is_shared = url && url->is_shared();
    auto memory =
        SenderMemory::open(configuration->cordon.state_directory + "/senders.db", is_shared);
    if (!memory) {
        log::error("memory-off", {{"error", memory.error().what},
                                  {"action", "mail is judged without memory of its senders"}});
        return;
    }
    keeper.memory = std::move(*memory);
    if (is_shared)
        keeper.memory_sharing = std::make_unique<SharedMemory>(*keeper.memory, *url, password);
}

void remember_decision(Keeper& keeper, const std::string& author, bool is_spam) {
    if (author.empty() || !keeper.configuration.get()->learning.correspondents) return;
    auto of_author = one_message(MemoryKind::behaviour, {"author " + author}, is_spam);
    of_author.is_verdict = true;
    of_author.ham *= kPersonWeight;
    of_author.spam *= kPersonWeight;
    // The domain may be that of half the world.
    const auto of_domain =
        one_message(MemoryKind::behaviour, {"domain " + domain_of(author)}, is_spam);
    remember(keeper, {of_author, of_domain});
}

void add_memory_handlers(KeeperHandlers& handlers) {
    handlers.add<SentMailRequest>([](Keeper& keeper, SentMailRequest& request, const UniqueFd&,
                                     UniqueFd&) { return remember_sent(keeper, request); });
    handlers.add<BehaviourRequest>([](Keeper& keeper, BehaviourRequest& request, const UniqueFd&,
                                      UniqueFd&) { return remember_behaviour(keeper, request); });
    handlers.add<RecallRequest>([](Keeper& keeper, RecallRequest& request, const UniqueFd&,
                                   UniqueFd&) { return recall(keeper, request); });
}

}  // namespace cordon
