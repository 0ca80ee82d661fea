// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/release/alarm.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "conf/base/digest.h"
#include "conf/base/log.h"
#include "conf/base/mail_address.h"
#include "conf/base/owned.h"
#include "conf/base/text.h"
#include "quarantine/keeper/item_messages.h"
#include "quarantine/keeper/keeping_troubles.h"
#include "quarantine/redirect/proof.h"
#include "quarantine/release/release_engine.h"

namespace cordon {

namespace {

// Not at once: a restart is no trouble, and the servers around may just be starting too.
constexpr Milliseconds kBetweenLooks(600'000);
constexpr Milliseconds kKeeperTime(10'000);
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kOldSignatures = 3 * kDay;
constexpr std::size_t kLongestTime = 30;

/// Outlives this process: each reload begins a new one.
std::string sent_path(const Configuration& c) {
    return c.cordon.state_directory + kReviewState + "/alarm.sent";
}

bool is_sent_today(const Configuration& c, std::int64_t now) {
    const auto text = read_file(sent_path(c), kLongestTime);
    const auto time = text ? parse_unsigned(trim(*text)) : std::nullopt;
    const auto sent = static_cast<std::int64_t>(time.value_or(0) & INT64_MAX);
    return sent <= now && now - sent < kDay;
}

}  // namespace

std::optional<std::int64_t> signature_age(const std::string& folder, std::int64_t now) {
    const Owned<DIR, ::closedir> dir(::opendir(folder.c_str()));
    std::optional<std::int64_t> newest;
    while (const dirent* entry = dir ? ::readdir(dir.get()) : nullptr) {
        struct stat info {};
        const std::string path = folder + "/" + static_cast<const char*>(entry->d_name);
        if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode))
            newest = std::max<std::int64_t>(newest.value_or(0), info.st_mtime);
    }
    if (newest) return now - *newest;
    return std::nullopt;
}

std::vector<std::string> find_troubles(const Configuration& c, const KeepingStatus& keeping,
                                       std::int64_t now) {
    std::vector<std::string> out;
    for (const auto& trouble : keeping_troubles(keeping))
        if (trouble.is_grave) out.push_back(fmt::format("{}. {}.", trouble.what, trouble.remedy));
    if (!c.clamav.enabled) return out;
    const auto age = signature_age(c.clamav.database, now);
    if (!age || *age > kOldSignatures)
        out.push_back(fmt::format("Virus signatures in {} are {}: is freshclam running?",
                                  c.clamav.database,
                                  age ? fmt::format("{} days old", *age / kDay) : "missing"));
    return out;
}

std::string alarm_mail(const std::string& address, const std::string& host,
                       const std::vector<std::string>& troubles, std::int64_t now) {
    std::string out = fmt::format(
        "From: Cordon <{0}>\r\nTo: <{0}>\r\nSubject: Cordon on {1} needs you\r\nDate: {2}\r\n"
        "Message-ID: <{3}.alarm@{1}>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        "Auto-Submitted: auto-generated\r\n\r\n",
        address, host, rfc5322_date(now), make_message_id());
    for (const auto& trouble : troubles) out += "* " + trouble + "\r\n";
    return out + "\r\nThis is sent once a day for as long as it lasts.\r\n";
}

Alarm::Alarm(ConfigurationPtr configuration, KeeperClient keeper)
    : configuration_(std::move(configuration)),
      keeper_(std::move(keeper)),
      next_look_(Deadline::in(kBetweenLooks)) {}

Result<void> Alarm::send(const std::vector<std::string>& troubles) const {
    const auto& c = *configuration_;
    const std::string address = "postmaster@" + domain_of(c.quarantine.mailbox);
    const auto server = parse_server_url(c.quarantine.release_via);
    if (!server) return tl::unexpected(server.error());
    const auto nonce = keeper_.issue_nonce("alarm");
    if (!nonce) return tl::unexpected(nonce.error());
    auto session = SmtpSession::open(*server, c.cordon.authserv_id);
    if (!session) return tl::unexpected(session.error());
    const auto now = unix_time();
    const auto text = alarm_mail(address, c.cordon.authserv_id, troubles, now);
    const SmtpMail mail{"<>",
                        "",
                        {{"<" + address + ">", ""}},
                        release_head(*nonce, make_message_id(), c.cordon.authserv_id, now),
                        text};
    const auto outcomes = send_mail(*session, mail);
    session->quit();
    if (outcomes.front().state != SmtpOutcome::State::sent) return fail(outcomes.front().reply);
    return {};
}

void Alarm::tick() {
    if (!next_look_.is_over()) return;
    next_look_ = Deadline::in(kBetweenLooks);
    if (configuration_->quarantine.mailbox.empty()) return;
    const auto now = unix_time();
    if (is_sent_today(*configuration_, now)) return;
    const auto keeping = ask_keeper(configuration_->socket_path("keeper"), KeepingStatusRequest{},
                                    -1, Deadline::in(kKeeperTime));
    if (!keeping) return;  // whose absence the log tells already
    const auto troubles = find_troubles(*configuration_, *keeping, now);
    if (troubles.empty()) return;
    if (auto noted = replace_file(sent_path(*configuration_), std::to_string(now) + "\n", 0600);
        !noted)
        log::warn("status-not-written", {{"error", noted.error().what}});
    for (const auto& trouble : troubles) log::warn("alarm", {{"trouble", trouble}});
    if (auto done = send(troubles); !done)
        log::error("alarm-not-sent", {{"error", done.error().what}});
}

}  // namespace cordon
