// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/content_task.h"

#include "scoring/analysis/analyse.h"
#include "scoring/message/archive_library.h"

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
    explicit ContentTask(AnalysisSnapshot snapshot) : snapshot_(std::move(snapshot)) {}

    ScanKind kind() const override { return ScanKind::analyse; }
    Result<void> settle(const std::string&, bool) override { return {}; }

    Result<void> check_canaries() override {
        const auto analysis = analyse(kCanary, EnvelopeFacts{}, snapshot_);
        if (analysis.subject != "Canary" || analysis.parts.size() < 2 || analysis.urls.empty())
            return fail("canary: the analysis of a known message lacks its subject, parts or link");
        return {};
    }

    ScanReply answer(const ScanRequest& request, std::string_view message) override {
        return {encode(analyse(message, request.envelope, snapshot_)), false};
    }

    std::string unread(const UnreadReason& reason) const override {
        Analysis out;
        out.unread.push_back(reason);
        return encode(out);
    }

 private:
    AnalysisSnapshot snapshot_;
};

}  // namespace

Result<std::unique_ptr<ScanTask>> make_content_task(const ScannerOptions& options) {
    auto rules = RuleSet::load(options.rule_paths, false);
    if (!rules) return tl::unexpected(rules.error());
    prepare_archive_library();
    AnalysisSnapshot snapshot{std::move(*rules), SiteFacts{options.own_domains}, Limits{}};
    return std::make_unique<ContentTask>(std::move(snapshot));
}

}  // namespace cordon
