// SPDX-License-Identifier: GPL-2.0-only
// Every rule of every check has messages that it hits and messages that it misses, in
// tests/data/rules/<RULE>/hit-*.eml and miss-*.eml. X-Sample-* fields in them tell what the SMTP
// session and the site would: Received-At (seconds), Recipient, Helo, Mail-From, Auth-User,
// Own-Domain, Own-Person, Limit (name=value).
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "scoring/analysis/qr_codes.h"
#include "scoring/analysis/rule_set.h"
#include "scoring/checks/check.h"

namespace cordon {
namespace {

const std::filesystem::path kSamples = "tests/data/rules";

struct Sample {
    std::string bytes;
    EnvelopeFacts envelope;
    SiteFacts site;
    Limits limits;
};

void read_limit(std::string_view text, Limits& limits) {
    const auto equals = text.find('=');
    const auto value = parse_unsigned(text.substr(equals + 1)).value_or(0);
    const auto name = text.substr(0, equals);
    if (name == "decoded_bytes") limits.decoded_bytes = value;
    if (name == "text_bytes") limits.text_bytes = value;
    if (name == "header_fields") limits.header_fields = value;
    if (name == "parts") limits.parts = value;
    if (name == "depth") limits.depth = value;
    if (name == "readings") limits.readings = value;
    if (name == "urls") limits.urls = value;
    if (name == "html_depth") limits.html_depth = value;
}

Sample read_sample(const std::filesystem::path& path) {
    Sample sample;
    sample.bytes = read_file(path.string(), 1U << 20U).value();
    const auto headers = HeaderBlock::parse(sample.bytes, Limits{});
    for (const auto& field : headers.fields()) {
        const std::string value(trim(field.value));
        if (field.name == "X-Sample-Received-At") {
            sample.envelope.received_at =
                static_cast<std::int64_t>(parse_unsigned(value).value_or(0));
        }
        if (field.name == "X-Sample-Recipient") sample.envelope.recipients.push_back(value);
        if (field.name == "X-Sample-Helo") sample.envelope.helo = value;
        if (field.name == "X-Sample-Mail-From") sample.envelope.mail_from = value;
        if (field.name == "X-Sample-Auth-User") sample.envelope.auth_user = value;
        if (field.name == "X-Sample-Own-Domain") sample.site.own_domains.push_back(value);
        if (field.name == "X-Sample-Own-Person") sample.site.own_people.push_back(value);
        if (field.name == "X-Sample-Limit") read_limit(value, sample.limits);
    }
    return sample;
}

bool hits_rule(const std::filesystem::path& path, std::string_view rule) {
    const Sample sample = read_sample(path);
    Message message = Message::parse(sample.bytes, sample.limits);
    message.add_links(qr_links(message).links);
    Hits hits;
    run_checks({message, sample.envelope, sample.site}, hits);
    return hits.has(rule);
}

class CheckSamples : public testing::TestWithParam<CheckRule> {};

TEST_P(CheckSamples, AreHitAndMissedAsTheirNamesSay) {
    const std::string rule(GetParam().name);
    std::size_t hit_samples = 0;
    std::size_t miss_samples = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(kSamples / rule, error)) {
        const std::string name = entry.path().filename().string();
        const bool is_hit = name.starts_with("hit-");
        ASSERT_TRUE(is_hit || name.starts_with("miss-")) << entry.path();
        ++(is_hit ? hit_samples : miss_samples);
        EXPECT_EQ(hits_rule(entry.path(), rule), is_hit) << entry.path();
    }
    EXPECT_GT(hit_samples, 0U) << "no hit-*.eml for " << rule;
    EXPECT_GT(miss_samples, 0U) << "no miss-*.eml for " << rule;
}

std::vector<CheckRule> all_rules() {
    std::vector<CheckRule> rules;
    for (const Check* check : all_checks()) {
        rules.insert(rules.end(), check->rules.begin(), check->rules.end());
    }
    return rules;
}

std::string name_of(const testing::TestParamInfo<CheckRule>& info) {
    return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(Rules, CheckSamples, testing::ValuesIn(all_rules()), name_of);

TEST(CheckSamples, HaveNoFolderWithoutARule) {
    std::set<std::string> known;
    for (const auto& rule : all_rules()) known.insert(std::string(rule.name));
    for (const auto& entry : std::filesystem::directory_iterator(kSamples)) {
        if (!entry.is_directory()) continue;
        EXPECT_TRUE(known.contains(entry.path().filename().string())) << entry.path();
    }
}

TEST(Checks, ReportNothingThatTheirTableDoesNotList) {
    std::set<std::string> known;
    for (const auto& rule : all_rules()) known.insert(std::string(rule.name));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kSamples)) {
        if (!entry.is_regular_file()) continue;
        const Sample sample = read_sample(entry.path());
        const Message message = Message::parse(sample.bytes, sample.limits);
        Hits hits;
        run_checks({message, sample.envelope, sample.site}, hits);
        for (const auto& hit : hits.all()) EXPECT_TRUE(known.contains(hit.rule)) << hit.rule;
    }
}

TEST(Checks, NameTheirRulesOnceAndDescribeThem) {
    Catalogue catalogue;
    for (const auto& rule : all_rules()) {
        const auto added =
            catalogue.add(std::string(rule.name), {rule.score, std::string(rule.describe), "test"});
        EXPECT_TRUE(added) << added.error().what;
    }
    EXPECT_GE(catalogue.all().size(), 60U);
}

}  // namespace
}  // namespace cordon
