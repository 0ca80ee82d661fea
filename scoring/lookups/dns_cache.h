// SPDX-License-Identifier: GPL-2.0-only
// Answers that still hold, bounded in number and bytes; the least recently used goes first. Not
// locked by itself.
#pragma once

#include <list>
#include <map>
#include <utility>

#include "conf/base/clock.h"
#include "scoring/lookups/dns.h"

namespace cordon {

class DnsCache {
 public:
    explicit DnsCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// Null when there is none, or it is too old.
    DnsAnswerPtr find(const DnsQuestion& question, Steady::time_point now);
    /// Keeps the answer for its TTL; what has none is not kept.
    void put(const DnsQuestion& question, const DnsAnswerPtr& answer, Steady::time_point now);

    std::size_t size() const { return index_.size(); }

 private:
    struct Entry {
        const DnsQuestion* question = nullptr;  // the key in the index
        DnsAnswerPtr answer;
        Steady::time_point end;
        std::size_t bytes = 0;
    };
    using Place = std::list<Entry>::iterator;

    void remove(std::map<DnsQuestion, Place>::iterator entry);

    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    std::list<Entry> entries_;  // the most recently used first
    std::map<DnsQuestion, Place> index_;
};

}  // namespace cordon
