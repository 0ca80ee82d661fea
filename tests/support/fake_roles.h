// SPDX-License-Identifier: GPL-2.0-only
// A content pool and a keeper as the milter sees them: they speak the real protocols over the real
// sockets, answer what the test tells them and keep what they were sent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conf/base/guarded.h"
#include "quarantine/keeper/memory_messages.h"
#include "quarantine/vault/held_message.h"
#include "scoring/scanner/wire.h"
#include "tests/support/record_server.h"

namespace cordon::test {

class FakeScanner {
 public:
    explicit FakeScanner(const std::string& path);

    struct Seen {
        ScanRequest request;
        std::string message;  // every byte of the descriptor
        bool is_sealed = false;
    };

    void answer_with(const Analysis& analysis) { set_answer(encode(analysis)); }
    void answer_with(const AntivirusResult& result) { set_answer(encode(result)); }
    /// Closes each connection without an answer, like a worker that dies.
    void die_on_each() { set_answer(std::nullopt); }

    std::vector<Seen> seen();

 private:
    struct State {
        std::optional<std::string> answer;
        std::vector<Seen> seen;
    };
    void set_answer(std::optional<std::string> answer);
    std::optional<std::string> serve(Record& record);

    Guarded<State> state_;
    RecordServer server_;
};

class FakeKeeper {
 public:
    explicit FakeKeeper(const std::string& path);

    struct Held {
        HeldMessage message;
        std::string original;
        bool is_everyone = false;
    };

    /// From now on nothing can be stored.
    void refuse_with(std::string reason);
    /// From now on held messages get this seal.
    void seal_with(std::string seal);
    std::vector<Held> held();
    /// From now on this is remembered of every sender.
    void remember(Recollection memory);
    std::vector<SentMailRequest> letters();
    std::vector<BehaviourRequest> behaviours();

 private:
    struct State {
        std::string refusal;
        std::string seal;
        std::vector<Held> held;
        std::optional<Recollection> memory;
        std::vector<SentMailRequest> letters;
        std::vector<BehaviourRequest> behaviours;
    };
    std::string hold(Frame& frame);
    bool serve_memory(int connection, const Frame& frame);
    void serve(int connection);

    Guarded<State> state_;
    RecordServer server_;
};

}  // namespace cordon::test
