// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/offline.h"

#include "conf/base/ipc.h"
#include "scoring/scanner/launch.h"
#include "scoring/store/weight_table.h"

namespace cordon {

std::string as_received(std::string_view bytes) {
    if (bytes.starts_with("From ")) {
        const auto end = bytes.find('\n');
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    }
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 32);
    for (const char c : bytes) {
        if (c == '\n' && !out.ends_with('\r')) out += '\r';
        out += c;
    }
    return out;
}

namespace {

Result<UniqueFd> sealed_message(std::string_view bytes) {
    auto fd = make_memfd("cordon-offline");
    if (!fd) return fd;
    auto done = write_all(fd->get(), bytes);
    if (done) done = seal_memfd(fd->get());
    if (!done) return tl::unexpected(done.error());
    return fd;
}

Examination examination_for(const SnapshotPtr& snapshot, const OfflineEnvelope& envelope) {
    Examination out(snapshot);
    out.connect("", envelope.client);
    out.helo(envelope.helo);
    out.set_time(envelope.received_at);
    out.mail(envelope.mail_from, envelope.auth_user);
    for (const auto& recipient : envelope.recipients) out.rcpt(recipient);
    return out;
}

void decide_for(OfflineVerdict& out, const Configuration& c,
                const std::vector<std::string>& recipients) {
    Circumstances circumstances;
    circumstances.honours_dmarc_reject = c.auth.honour_dmarc_reject;
    circumstances.has_quarantine = true;  // what the policy wants, wherever it would be held
    const auto consider = [&](const Policy& policy, bool is_first) {
        auto decision = decide(out.verdict, out.evidence, policy, circumstances);
        if (!is_first && decision.action <= out.decision.action) return;
        out.decision = std::move(decision);
        out.policy = policy;
    };
    if (recipients.empty()) consider(c.policy.site, true);
    for (std::size_t i = 0; i < recipients.size(); ++i)
        consider(c.policy.for_recipient(recipients[i]), i == 0);
}

}  // namespace

UniqueFd find_weights(const Configuration& configuration) {
    for (const auto& path : {configuration.live_table_path(),
                             configuration.learning_directory() + "/weights.snapshot"}) {
        auto fd = open_table_readonly(path);
        if (!fd) continue;
        const auto table = TableMapping::map(fd->get(), false);
        if (table && is_usable(**table) && (*table)->ham + (*table)->spam > 0)
            return std::move(*fd);
    }
    return {};
}

Result<OfflineFilter> OfflineFilter::start(ConfigurationPtr configuration, ResolverPtr resolver) {
    auto weights = find_weights(*configuration);
    return start(std::move(configuration), std::move(weights), std::move(resolver));
}

Result<OfflineFilter> OfflineFilter::start(ConfigurationPtr configuration, UniqueFd weights,
                                           ResolverPtr resolver) {
    auto catalogue = read_catalogue(*configuration);
    if (!catalogue) return tl::unexpected(catalogue.error());
    auto pools = PrivatePools::start(*configuration, std::move(weights));
    if (!pools) return tl::unexpected(pools.error());
    auto made = make_snapshot(std::move(configuration), std::move(*catalogue));
    if (!made) return tl::unexpected(made.error());
    auto snapshot = std::make_shared<Snapshot>(**made);
    snapshot->pools = (*pools)->paths();
    snapshot->resolver = std::move(resolver);
    if (snapshot->resolver) snapshot->lists = load_dns_lists(*snapshot->configuration);
    OfflineFilter out;
    out.pools_ = std::move(*pools);
    out.snapshot_ = std::move(snapshot);
    return out;
}

Result<OfflineVerdict> OfflineFilter::judge_message(std::string_view bytes,
                                                    const OfflineEnvelope& envelope) const {
    const auto message = sealed_message(bytes);
    if (!message) return tl::unexpected(message.error());
    auto examination = examination_for(snapshot_, envelope);
    if (with_features_) examination.ask_for_features();
    const auto begin = Steady::now();
    OfflineVerdict out;
    out.evidence = examination.finish(message->get(), bytes.size(),
                                      Deadline::in(configuration().milter.deadline.value));
    out.verdict = judge(out.evidence, snapshot_->catalogue);
    decide_for(out, configuration(), envelope.recipients);
    out.elapsed_us =
        std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begin).count();
    return out;
}

Result<Analysis> OfflineFilter::features_of(std::string_view bytes,
                                            const OfflineEnvelope& envelope) const {
    const auto message = sealed_message(bytes);
    if (!message) return tl::unexpected(message.error());
    const auto limit = configuration().milter.max_message_size.value;
    return request_features(snapshot_->pools.content, message->get(),
                            std::min<std::uint64_t>(bytes.size(), limit),
                            examination_for(snapshot_, envelope).envelope(),
                            Deadline::in(configuration().scanner.timeout.value));
}

}  // namespace cordon
