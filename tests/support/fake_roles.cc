// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/fake_roles.h"

#include <gtest/gtest.h>

#include "quarantine/keeper/protocol.h"

namespace cordon::test {

namespace {

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
    : server_(path, [this](Record& record) { return serve(record); }) {}

void FakeKeeper::refuse_with(std::string reason) {
    state_.with([&](State& state) { state.refusal.swap(reason); });
}

std::vector<FakeKeeper::Held> FakeKeeper::held() {
    return state_.with([](const State& state) { return state.held; });
}

std::optional<std::string> FakeKeeper::serve(Record& record) {
    auto message = decode_hold(record.bytes);
    EXPECT_TRUE(message) << message.error().what;
    if (!message) return std::nullopt;
    const std::string original = bytes_of(record.fd.get());
    return state_.with([&](State& state) -> std::string {
        if (!state.refusal.empty()) return encode_answer(fail(state.refusal));
        state.held.push_back({std::move(*message), original});
        return encode_answer({});
    });
}

}  // namespace cordon::test
