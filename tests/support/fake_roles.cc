// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/fake_roles.h"

#include <gtest/gtest.h>

#include "quarantine/keeper/hold_messages.h"

namespace cordon::test {

namespace {

constexpr Milliseconds kLongEnough(10'000);

std::string bytes_of(int fd) {
    const auto mapping = Mapping::of(fd);
    EXPECT_TRUE(mapping);
    return mapping ? std::string(mapping->bytes()) : std::string();
}

}  // namespace

FakeScanner::FakeScanner(const std::string& path)
    : state_(State{encode(Analysis{}), {}}),
      server_(path, [this](Record& record) { return serve(record); }) {}

void FakeScanner::set_answer(std::optional<std::string> answer) {
    state_.with([&](State& state) { state.answer.swap(answer); });
}

std::vector<FakeScanner::Seen> FakeScanner::seen() {
    return state_.with([](const State& state) { return state.seen; });
}

std::optional<std::string> FakeScanner::serve(Record& record) {
    const auto request = decode_request(record.bytes);
    EXPECT_TRUE(request) << request.error().what;
    if (!request) return encode_failure("bad request");
    Seen seen{*request, bytes_of(record.fd.get()), is_sealed(record.fd.get())};
    return state_.with([&](State& state) {
        state.seen.push_back(std::move(seen));
        return state.answer;
    });
}

FakeKeeper::FakeKeeper(const std::string& path)
    : server_(path, [this](int connection) { serve(connection); }) {}

void FakeKeeper::seal_with(std::string seal) {
    state_.with([&](State& state) { state.seal.swap(seal); });
}

void FakeKeeper::refuse_with(std::string reason) {
    state_.with([&](State& state) { state.refusal.swap(reason); });
}

std::vector<FakeKeeper::Held> FakeKeeper::held() {
    return state_.with([](const State& state) { return state.held; });
}

std::string FakeKeeper::hold(Frame& frame) {
    HoldRequest request;
    EXPECT_TRUE(Decoder(frame.body)(request).is_complete());
    std::size_t head_bytes = 0;
    auto message = decode_head(request.head, head_bytes);
    EXPECT_TRUE(message) << message.error().what;
    if (!message) return {};
    const std::string original = bytes_of(frame.fd.get());
    return state_.with([&](State& state) {
        state.held.push_back({std::move(*message), original, request.is_everyone});
        return Encoder()(HoldAnswer{state.seal}).take();
    });
}

/// Remembers what it is told of senders; whoever tells does not wait.
bool FakeKeeper::serve_memory(int connection, const Frame& frame) {
    const auto is = [&](KeeperRequest kind) {
        return frame.kind == static_cast<std::uint8_t>(kind);
    };
    if (is(KeeperRequest::sent_mail)) {
        SentMailRequest request;
        EXPECT_TRUE(Decoder(frame.body)(request).is_complete());
        state_.with([&](State& state) { state.letters.push_back(std::move(request)); });
    } else if (is(KeeperRequest::behaviour)) {
        BehaviourRequest request;
        EXPECT_TRUE(Decoder(frame.body)(request).is_complete());
        state_.with([&](State& state) { state.behaviours.push_back(std::move(request)); });
    } else if (is(KeeperRequest::recall)) {
        RecallAnswer answer;
        state_.with([&](const State& state) {
            answer.is_known = state.memory.has_value();
            answer.memory = state.memory.value_or(Recollection());
        });
        // Who asked may have given up.
        static_cast<void>(
            send_frame(connection, 1, Encoder()(answer).take(), -1, Deadline::in(kLongEnough)));
    } else {
        return false;
    }
    return true;
}

void FakeKeeper::remember(Recollection memory) {
    state_.with([&](State& state) { state.memory = std::move(memory); });
}

std::vector<SentMailRequest> FakeKeeper::letters() {
    return state_.with([](const State& state) { return state.letters; });
}

std::vector<BehaviourRequest> FakeKeeper::behaviours() {
    return state_.with([](const State& state) { return state.behaviours; });
}

void FakeKeeper::serve(int connection) {
    auto frame = receive_frame(connection, Deadline::in(kLongEnough));
    EXPECT_TRUE(frame) << frame.error().what;
    if (!frame) return;
    if (serve_memory(connection, *frame)) return;
    const bool is_nonce = frame->kind == static_cast<std::uint8_t>(KeeperRequest::take_nonce);
    EXPECT_TRUE(is_nonce || frame->kind == static_cast<std::uint8_t>(KeeperRequest::hold));
    // None was ever issued.
    const auto refusal = is_nonce ? "not a release of ours"
                                  : state_.with([](const State& state) { return state.refusal; });
    const bool is_good = refusal.empty();
    const auto sent = send_frame(connection, is_good ? 1 : 0, is_good ? hold(*frame) : refusal, -1,
                                 Deadline::in(kLongEnough));
    EXPECT_TRUE(sent) << sent.error().what;
}

}  // namespace cordon::test
