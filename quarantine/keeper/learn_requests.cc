// SPDX-License-Identifier: GPL-2.0-only
// Learning in the keeper. A message from the vault is read by a content worker: nothing here parses
// what a sender wrote.
#include "conf/base/log.h"
#include "quarantine/keeper/keeper.h"
#include "quarantine/keeper/learn_messages.h"
#include "scoring/scanner/client.h"

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

bool is_plausible(const LearnEvent& event) {
    const bool is_hex = event.identity.find_first_not_of("0123456789abcdef") == std::string::npos;
    return event.identity.size() == 64 && is_hex && event.origin >= LabelOrigin::person;
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
    const auto& c = *keeper.configuration;
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

void start_learning(Keeper& keeper) {
    const auto& c = *keeper.configuration;
    auto service = LearningService::start(c.learning_directory(), c.live_table_path());
    if (!service) {
        // Mail is judged and held without it.
        log::error("learning-off", {{"error", service.error().what}});
        return;
    }
    keeper.learning = std::move(*service);
    const auto counts = keeper.learning->counts();
    log::info("learning-started", {{"ham", counts.ham}, {"spam", counts.spam}});
    keeper.learn = [&keeper](const OpenedMessage& held, bool is_spam, const std::string& who) {
        const auto done = learn_held(keeper, held, is_spam);
        if (done)
            log::info("learned",
                      {{"id", held.message.id}, {"as", is_spam ? "spam" : "ham"}, {"who", who}});
        else
            log::error("learning-failed", {{"id", held.message.id}, {"error", done.error().what}});
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
}

bool post_event(const std::string& keeper_socket, const LearnEvent& event) {
    const auto socket = connect_seqpacket(keeper_socket);
    if (!socket) return false;
    LearnRequest request;
    request.events.push_back(event);
    return send_frame(socket->get(), static_cast<std::uint8_t>(LearnRequest::kKind),
                      Encoder()(request).take(), -1, Deadline::in(Milliseconds(0)))
        .has_value();
}

}  // namespace cordon
