// SPDX-License-Identifier: GPL-2.0-only
// Whole stories as text: tests/scenarios/*.scenario, one a file, run through the real callbacks. A
// line is a word and its argument: `config`, `finds` (rules of the content pool), `virus`, `keeper
// refuses`, `from`, `rcpt`, `header`, `body`, and what is expected of the answer: `answer`,
// `reply`, `recipients`, `held`, `field`, `nofield`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "conf/base/text.h"
#include "tests/support/milter_site.h"

namespace cordon {
namespace {

using Lines = std::multimap<std::string, std::string, std::less<>>;

struct Scenario {
    std::string name;
    Lines lines;

    std::vector<std::string> all(std::string_view word) const {
        std::vector<std::string> out;
        const auto [begin, end] = lines.equal_range(word);
        for (auto line = begin; line != end; ++line) out.push_back(line->second);
        return out;
    }
    std::string one(std::string_view word) const {
        const auto found = all(word);
        return found.empty() ? "" : found.front();
    }
};

Scenario read_scenario(const std::filesystem::path& path) {
    Scenario out{path.stem(), {}};
    const auto text = read_file(path, 65536);
    EXPECT_TRUE(text) << text.error().what;
    const std::string content = text ? *text : "";
    for (const auto raw : split(content, '\n')) {
        const auto line = trim(raw);
        if (line.empty() || line.front() == '#') continue;
        const auto end = std::min(line.find(' '), line.size());
        out.lines.emplace(line.substr(0, end), trim(line.substr(end)));
    }
    return out;
}

std::vector<Scenario> all_scenarios() {
    std::vector<Scenario> out;
    for (const auto& entry : std::filesystem::directory_iterator("tests/scenarios"))
        if (entry.path().extension() == ".scenario") out.push_back(read_scenario(entry.path()));
    return out;
}

test::Mail mail_of(const Scenario& scenario) {
    test::Mail mail;
    mail.from = words(scenario.one("from"));
    mail.recipients.clear();
    for (const auto& rcpt : scenario.all("rcpt")) mail.recipients.push_back(words(rcpt));
    for (const auto& header : scenario.all("header")) {
        const auto colon = header.find(':');
        mail.headers.emplace_back(header.substr(0, colon), header.substr(colon + 1));
    }
    for (const auto& line : scenario.all("body")) mail.body += line + "\r\n";
    return mail;
}

std::string answer_name(sfsistat answer) {
    switch (answer) {
        case SMFIS_CONTINUE:
        case SMFIS_ACCEPT: return "accept";
        case SMFIS_REJECT: return "reject";
        case SMFIS_TEMPFAIL: return "defer";
        case SMFIS_DISCARD: return "discard";
        default: return "unexpected";
    }
}

void set_up(const test::MilterSite& site, const Scenario& scenario) {
    site.scanner->answer_with([&] {
        Analysis analysis;
        for (const auto& rule : words(scenario.one("finds"))) analysis.hits.push_back({rule, ""});
        return analysis;
    }());
    if (const auto virus = scenario.one("virus"); !virus.empty()) site.find_virus(virus);
    if (const auto how = scenario.one("keeper"); !how.empty()) site.keeper->refuse_with(how);
}

class Scenarios : public ::testing::TestWithParam<Scenario> {};

TEST_P(Scenarios, EndAsTheyTell) {
    const Scenario& scenario = GetParam();
    std::string options;
    for (const auto& line : scenario.all("config")) options += line + "\n";
    const test::MilterSite site(options);
    set_up(site, scenario);
    const auto mta = site.connection();
    ASSERT_FALSE(scenario.one("answer").empty()) << "a scenario without an expected answer";
    EXPECT_EQ(answer_name(mta->send(mail_of(scenario))), scenario.one("answer"));
    EXPECT_THAT(mta->reply, ::testing::StartsWith(scenario.one("reply")));
    if (scenario.one("answer") == "accept") {
        const auto expected = words(scenario.one("recipients"));
        EXPECT_THAT(mta->recipients, ::testing::UnorderedElementsAreArray(expected));
    }
    std::vector<std::string> held;
    for (const auto& message : site.keeper->held())
        for (const auto& recipient : message.message.recipients) held.push_back(recipient.path);
    EXPECT_THAT(held, ::testing::UnorderedElementsAreArray(words(scenario.one("held"))));
    for (const auto& field : scenario.all("field")) {
        const auto colon = field.find(':');
        EXPECT_THAT(mta->header_values(field.substr(0, colon)),
                    ::testing::Contains(::testing::StartsWith(field.substr(colon + 1))));
    }
    for (const auto& name : scenario.all("nofield"))
        EXPECT_THAT(mta->header_values(name), ::testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Text, Scenarios, ::testing::ValuesIn(all_scenarios()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace cordon
