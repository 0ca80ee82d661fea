// SPDX-License-Identifier: GPL-2.0-only
// The DNS by c-ares, on a thread of its own: nobody waits here. Answers are shared by all messages
// of a process and kept as long as they hold; the same question is asked once at a time.
//
// Two things can fail, and they are kept apart. A name server: it is asked for `. NS`, and only
// when it does not answer that either is it left alone until it does; then lookups fail at once. A
// domain whose servers don't answer: after a few questions in a row that timed out, questions below
// this domain fail at once for a while, and no others do.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "conf/base/clock.h"
#include "conf/base/metrics.h"
#include "conf/base/result.h"
#include "scoring/lookups/dns.h"

namespace cordon {

struct DnsSettings {
    std::vector<std::string> servers;  // ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT; empty: resolv.conf
    Milliseconds timeout{2000};        // of one question
    std::shared_ptr<Metrics> metrics = nullptr;  // where outcomes are counted; may be null
};

class DnsResolver : public Resolver {
 public:
    /// Starts the thread: not before a fork.
    static Result<std::shared_ptr<DnsResolver>> start(const DnsSettings& settings);
    ~DnsResolver() override;

    DnsAnswerPtr ask(const DnsQuestion& question, Done done) override;

    /// Questions that went to a server so far.
    std::uint64_t sent() const;
    /// Whether a server is believed to answer.
    bool is_up() const;

 private:
    class Engine;
    explicit DnsResolver(std::unique_ptr<Engine> engine);

    std::unique_ptr<Engine> engine_;
};

}  // namespace cordon
