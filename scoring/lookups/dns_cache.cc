// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/dns_cache.h"

namespace cordon {

namespace {

constexpr std::size_t kEntryBytes = 300;  // of list, map and answer around the texts

std::size_t bytes_of(const DnsQuestion& question, const DnsAnswer& answer) {
    std::size_t out = kEntryBytes + question.name.size();
    for (const auto& text : answer.texts) out += text.size() + sizeof(std::string);
    for (const auto& name : answer.names) out += name.size() + sizeof(std::string);
    return out + answer.addresses.size() * sizeof(IpAddress);
}

}  // namespace

void DnsCache::remove(std::map<DnsQuestion, Place>::iterator entry) {
    bytes_ -= entry->second->bytes;
    entries_.erase(entry->second);
    index_.erase(entry);
}

DnsAnswerPtr DnsCache::find(const DnsQuestion& question, Steady::time_point now) {
    const auto found = index_.find(question);
    if (found == index_.end()) return nullptr;
    if (found->second->end <= now) {
        remove(found);
        return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->answer;
}

void DnsCache::put(const DnsQuestion& question, const DnsAnswerPtr& answer,
                   Steady::time_point now) {
    if (answer->ttl == 0) return;
    if (const auto old = index_.find(question); old != index_.end()) remove(old);
    const auto bytes = bytes_of(question, *answer);
    if (bytes > max_bytes_) return;
    const auto [place, is_new] = index_.emplace(question, entries_.end());
    entries_.push_front({&place->first, answer, now + std::chrono::seconds(answer->ttl), bytes});
    place->second = entries_.begin();
    bytes_ += bytes;
    while (bytes_ > max_bytes_) remove(index_.find(*entries_.back().question));
}

}  // namespace cordon
