// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/content_task.h"

#include "conf/base/log.h"
#include "scoring/analysis/analyse.h"
#include "scoring/analysis/people_file.h"
#include "scoring/analysis/qr_codes.h"
#include "scoring/message/archive_library.h"
#include "scoring/store/weight_table.h"

namespace cordon {

namespace {

// Passes through header decoding, base64, HTML and a link: what the system call filter must allow.
constexpr std::string_view kCanary =
    "From: =?utf-8?q?Canary?= <canary@example.org>\r\n"
    "To: miner@example.org\r\n"
    "Subject: =?utf-8?b?Q2FuYXJ5?=\r\n"
    "Date: Mon, 23 Nov 2026 20:15:00 +0000\r\n"
    "Message-ID: <canary@example.org>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
    "\r\n"
    "--b\r\n"
    "Content-Type: text/html; charset=iso-8859-1\r\n"
    "\r\n"
    "<html><body><p>All is well, see <a href=\"http://example.org/air\">the "
    "air</a>.</p></body></html>\r\n"
    "--b\r\n"
    "Content-Type: application/octet-stream; name=seeds.bin\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "c3VuZmxvd2Vy\r\n"
    "--b--\r\n";

class ContentTask : public ScanTask {
 public:
    ContentTask(AnalysisSnapshot snapshot, TableMapping weights)
        : snapshot_(std::move(snapshot)), weights_(std::move(weights)) {
        if (weights_) snapshot_.weights = &*weights_;
    }

    bool takes(ScanKind kind) const override {
        return kind == ScanKind::analyse || kind == ScanKind::features;
    }
    Result<void> settle(const std::string&, bool) override { return {}; }

    Result<void> check_canaries() override {
        const auto analysis = analyse(kCanary, EnvelopeFacts{}, snapshot_);
        if (analysis.subject != "Canary" || analysis.parts.size() < 2 || analysis.urls.empty())
            return fail("canary: the analysis of a known message lacks its subject, parts or link");
        return {};
    }

    ScanReply answer(const ScanRequest& request, std::string_view message) override {
        if (request.kind == ScanKind::features)
            return {encode(extract_features(message, request.envelope, snapshot_.limits)), false};
        return {encode(analyse(message, request.envelope, snapshot_, request.with_features)),
                false};
    }

    std::string unread(const UnreadReason& reason) const override {
        Analysis out;
        out.unread.push_back(reason);
        return encode(out);
    }

 private:
    AnalysisSnapshot snapshot_;
    TableMapping weights_;
};

/// Without a table that this version can read mail is judged by rules alone, and the log says so.
TableMapping map_weights(int fd) {
    if (fd < 0) return {};
    auto table = TableMapping::map(fd, false);
    if (table && is_usable(**table)) return std::move(*table);
    log::warn("classifier-off",
              {{"reason", table ? "a table of weights of another version" : table.error().what}});
    return {};
}

}  // namespace

Result<std::unique_ptr<ScanTask>> make_content_task(const ScannerOptions& options) {
    auto rules = RuleSet::load(options.rule_paths, false);
    if (!rules) return tl::unexpected(rules.error());
    auto people = read_own_people(options.rule_paths);
    if (!people) return tl::unexpected(people.error());
    prepare_archive_library();
    prepare_qr_reader();
    AnalysisSnapshot snapshot{std::move(*rules), SiteFacts{options.own_domains, std::move(*people)},
                              Limits{}};
    return std::make_unique<ContentTask>(std::move(snapshot), map_weights(options.weights_fd));
}

}  // namespace cordon
