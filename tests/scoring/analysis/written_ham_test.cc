// SPDX-License-Identifier: GPL-2.0-only
// Honest mail of the kinds that fraud imitates, written for this purpose: orders, parcels, bills,
// newsletters, log-in notices, letters, in a dozen languages. None may be held.
#include <gtest/gtest.h>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "scoring/analysis/analyse.h"
#include "scoring/judge/verdict.h"

namespace cordon {
namespace {

constexpr double kQuarantine = 6;

struct Letter {
    std::string path;
    EnvelopeFacts envelope;
};

/// The columns of tests/data/ham/index.tsv: path, label, client_ip, helo, mail_from, rcpt, date.
std::vector<Letter> letters() {
    std::vector<Letter> out;
    const std::string index = read_file("tests/data/ham/index.tsv", 1U << 20U).value();
    for (const auto line : split(index, '\n')) {
        const auto fields = split(line, '\t');
        if (fields.size() < 7 || fields[1] != "ham") continue;
        Letter letter;
        letter.path = "tests/data/ham/" + std::string(fields[0]);
        letter.envelope.client = IpAddress::parse(fields[2]).value();
        letter.envelope.helo = fields[3];
        letter.envelope.mail_from = fields[4];
        letter.envelope.recipients.emplace_back(fields[5]);
        letter.envelope.received_at = static_cast<std::int64_t>(*parse_unsigned(fields[6]));
        out.push_back(std::move(letter));
    }
    return out;
}

TEST(WrittenHam, StaysBelowTheQuarantine) {
    AnalysisSnapshot snapshot{RuleSet::load({"conf/rules"}, false).value(), {}, {}};
    const auto all = letters();
    ASSERT_GT(all.size(), 40U);
    for (const auto& letter : all) {
        const std::string bytes = read_file(letter.path, 1U << 20U).value();
        Evidence evidence;
        evidence.content = analyse(bytes, letter.envelope, snapshot);
        EXPECT_LT(judge(evidence, snapshot.rules.catalogue()).score, kQuarantine) << letter.path;
    }
}

}  // namespace
}  // namespace cordon
