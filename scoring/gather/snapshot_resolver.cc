// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/log.h"
#include "scoring/gather/examination.h"
#include "scoring/lookups/dns_resolver.h"

namespace cordon {

SnapshotPtr with_resolver(const SnapshotPtr& snapshot, const SnapshotPtr& old,
                          const std::shared_ptr<Metrics>& metrics) {
    const auto& dns = snapshot->configuration->dns;
    if (dns.servers.is_off) return snapshot;
    auto out = std::make_shared<Snapshot>(*snapshot);
    out->lists = load_dns_lists(*snapshot->configuration);
    if (old && old->resolver) {
        const auto& before = old->configuration->dns;
        if (before.servers.value == dns.servers.value && before.timeout.value == dns.timeout.value)
            out->resolver = old->resolver;
    }
    if (out->resolver) return out;
    auto resolver = DnsResolver::start({dns.servers.value, dns.timeout.value, metrics});
    if (resolver)
        out->resolver = std::move(*resolver);
    else
        log::error("dns-off", {{"error", resolver.error().what}});
    return out;
}

void prefetch_client(const Snapshot& snapshot, const IpAddress& client) {
    const auto& options = snapshot.configuration->cordon;
    if (!snapshot.resolver || !client.is_known() || options.own_networks.contains(client) ||
        options.trusted_relays.contains(client))
        return;
    const auto ignore = [](const DnsQuestion&, const DnsAnswerPtr&) {};
    snapshot.resolver->ask({reverse_name(client), DnsType::ptr}, ignore);
    for (const auto& list : snapshot.lists)
        for (const auto& subject : subjects_of(list, {client, {}, {}, nullptr}))
            snapshot.resolver->ask({normal_name(subject.name + "." + list.zone), DnsType::a},
                                   ignore);
}

}  // namespace cordon
