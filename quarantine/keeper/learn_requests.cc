// SPDX-License-Identifier: GPL-2.0-only
// Learning in the keeper. A message from the vault is read by a content worker: nothing here parses
// what a sender wrote.
#include "conf/base/log.h"
#include "quarantine/keeper/keeper.h"
#include "quarantine/keeper/learn_messages.h"
#include "scoring/scanner/client.h"
#include "scoring/store/event_record.h"

namespace cordon {

namespace {

constexpr std::size_t kMostEvents = 1000;

Result<LearningService*> service_of(Keeper& keeper) {
    if (!keeper.learning) return fail("keeper: learning is off, its log says why");
    return keeper.learning.get();
}

LearnAnswer answer_of(const LearningService& service, std::vector<LearnOutcome> outcomes) {
    const auto counts = service.counts();
    return {std::move(outcomes), counts.ham, counts.spam};
}

Result<LearnAnswer> learn(Keeper& keeper, LearnRequest& request) {
    const auto service = service_of(keeper);
    if (!service) return tl::unexpected(service.error());
    if (request.events.empty() || request.events.size() > kMostEvents)
        return fail("keeper: no events, or too many at a time");
    std::vector<LearnEvent> waiting;
    for (auto& event : request.events) {
        if (!is_plausible(event)) return fail("keeper: an event that makes no sense");
        if (event.time == 0) event.time = unix_time();
        if (event.origin == LabelOrigin::automatic)
            (*service)->post(std::move(event));
        else
            waiting.push_back(std::move(event));
    }
    if (waiting.empty()) return answer_of(**service, {});
    auto outcomes = (*service)->learn(std::move(waiting));
    if (!outcomes) return tl::unexpected(outcomes.error());
    return answer_of(**service, std::move(*outcomes));
}

/// A person released it or confirmed it as spam.
Result<void> learn_held(Keeper& keeper, const OpenedMessage& held, bool is_spam) {
    const auto memory = make_memfd("cordon-learn");
    if (!memory) return tl::unexpected(memory.error());
    const auto bytes = held.original;
    auto done = write_all(memory->get(), bytes);
    if (done) done = seal_memfd(memory->get());
    if (!done) return done;
    const auto configuration = keeper.configuration.get();
    const auto& c = *configuration;
    EnvelopeFacts envelope;
    envelope.client = IpAddress::parse(held.message.client).value_or(IpAddress());
    envelope.helo = held.message.helo;
    const auto size = std::min<std::uint64_t>(bytes.size(), c.milter.max_message_size.value);
    auto found = request_features(c.socket_path("content"), memory->get(), size, envelope,
                                  Deadline::in(c.scanner.timeout.value));
    if (!found) return tl::unexpected(found.error());
    LearnEvent event{found->identity, is_spam, LabelOrigin::person, found->features, unix_time()};
    const auto outcomes = keeper.learning->learn({std::move(event)});
    if (!outcomes) return tl::unexpected(outcomes.error());
    return {};
}

}  // namespace

namespace {

Result<void> open_learning(Keeper& keeper, const std::string& password) {
    const auto configuration = keeper.configuration.get();
    const auto& c = *configuration;
    auto store = LearningStore::open(c.learning_directory(), c.live_table_path());
    if (!store) return tl::unexpected(store.error());
    const auto url = parse_store_url(c.learning.store);
    if (!url) return tl::unexpected(url.error());
    if (url->is_shared())
        if (auto done = (*store)->share(); !done) return done;
    keeper.learning = LearningService::start(std::move(*store));
    if (url->is_shared())
        keeper.sharing = std::make_unique<SharedLearning>(
            *keeper.learning, SharedLearning::Options{*url, password, c.cordon.authserv_id});
    return {};
}

LearningStatus status_of(Keeper& keeper) {
    LearningStatus out;
    if (!keeper.learning) return out;
    const auto counts = keeper.learning->counts();
    out.ham = counts.ham;
    out.spam = counts.spam;
    out.dropped = keeper.learning->dropped();
    out.is_shared = keeper.sharing != nullptr;
    if (keeper.sharing) out.shared = keeper.sharing->status();
    if (keeper.memory_sharing) out.memory = keeper.memory_sharing->status();
    return out;
}

}  // namespace

void start_learning(Keeper& keeper, const std::string& password) {
    if (auto opened = open_learning(keeper, password); !opened) {
        // Mail is judged and held without it.
        log::error("learning-off", {{"error", opened.error().what}});
        return;
    }
    const auto counts = keeper.learning->counts();
    log::info("learning-started", {{"ham", counts.ham}, {"spam", counts.spam}});
    keeper.learn = [&keeper](const OpenedMessage& held, bool is_spam) {
        return learn_held(keeper, held, is_spam);
    };
}

void add_learn_handlers(KeeperHandlers& handlers) {
    handlers.add<LearnRequest>([](Keeper& keeper, LearnRequest& request, const UniqueFd&,
                                  UniqueFd&) { return learn(keeper, request); });
    handlers.add<RebuildRequest>(
        [](Keeper& keeper, RebuildRequest&, const UniqueFd&, UniqueFd&) -> Result<LearnAnswer> {
            const auto service = service_of(keeper);
            if (!service) return tl::unexpected(service.error());
            if (auto done = (*service)->rebuild(); !done) return tl::unexpected(done.error());
            return answer_of(**service, {});
        });
    handlers.add<LearningStatusRequest>(
        [](Keeper& keeper, LearningStatusRequest&, const UniqueFd&,
           UniqueFd&) -> Result<LearningStatus> { return status_of(keeper); });
}

}  // namespace cordon
